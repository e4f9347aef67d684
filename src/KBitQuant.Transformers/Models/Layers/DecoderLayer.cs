using System.Numerics.Tensors;

namespace KBitQuant.Transformers.Models.Layers;

/// <summary>One layer: attention and feed-forward network, each added to the residual stream, one after the other or in
/// parallel.</summary>
internal sealed class DecoderLayer(
    Norm attentionNorm, Attention attention, Norm feedForwardNorm, FeedForward feedForward, bool isParallel)
{
    /// <summary>Passes the tokens of the workspace through.</summary>
    public void Apply(CpuKeyValueCache cache, int tokens)
    {
        Workspace workspace = cache.Workspace;
        Span<float> hidden = workspace.Hidden.AsSpan(0, tokens * cache.Config.HiddenSize);
        Span<float> normed = workspace.Normed.AsSpan(0, hidden.Length);
        Span<float> delta = workspace.Delta.AsSpan(0, hidden.Length);
        attentionNorm.Apply(hidden, normed);
        attention.Apply(cache, tokens);
        // In parallel, the feed-forward network reads the stream as the attention found it.
        if (isParallel)
            feedForwardNorm.Apply(hidden, normed);
        TensorPrimitives.Add(hidden, delta, hidden);
        if (!isParallel)
            feedForwardNorm.Apply(hidden, normed);
        feedForward.Apply(workspace, tokens);
        TensorPrimitives.Add(hidden, delta, hidden);
    }
}
