using System.Diagnostics.CodeAnalysis;
using KBitQuant.Compute.Gpu;
using KBitQuant.Compute.Gpu.Decoder;
using KBitQuant.Compute.Gpu.Decoder.Attention;
using KBitQuant.Compute.Gpu.Decoder.Logits;

namespace KBitQuant.Transformers.Models.Gpu;

/// <summary>The device memory of one pass of up to <see cref="GpuDecoder.TokensAtOnce"/> tokens; made once, so that recorded work finds it
/// where it was.</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal sealed class GpuWorkspace : IDisposable
{
    /// <summary>Logits held at a time: 8 MiB.</summary>
    private const int MaxLogits = 1 << 21;

    private readonly List<IDisposable> _all = [];
    private readonly GpuDevice _device;

    public GpuWorkspace(ModelConfig config, GpuDevice device)
    {
        _device = device;
        int tokens = Math.Min(GpuDecoder.TokensAtOnce, config.MaxPositions);
        int queries = config.HeadCount * config.HeadSize;
        int keys = config.KeyValueHeadCount * config.HeadSize;
        LogitRows = Math.Clamp(MaxLogits / config.VocabularySize, 1, tokens);
        try
        {
            Step = Add(new GpuStep(device, tokens));
            ArgMax = Add(new GpuArgMax(device));
            var heads = new GpuHeads(config.HeadCount, config.KeyValueHeadCount, config.HeadSize);
            Attention = Add(new GpuAttention(device, heads, tokens, device.MultiprocessorCount));
            Residual = Add(device.Allocate<float>(checked(tokens * config.HiddenSize)));
            Logits = Add(device.Allocate<float>(checked(LogitRows * config.VocabularySize)));
            HalfLogits = Halves(LogitRows, config.VocabularySize);
            Normed = Halves(tokens, config.HiddenSize);
            AttentionOutput = Halves(tokens, config.HiddenSize);
            FeedForwardOutput = Halves(tokens, config.HiddenSize);
            Projections = [Halves(tokens, queries + (2 * keys)), Halves(tokens, keys), Halves(tokens, keys)];
            Attended = Halves(tokens, queries);
            Wide = [Halves(tokens, 2 * config.IntermediateSize), Halves(tokens, config.IntermediateSize)];
            Activated = Halves(tokens, config.IntermediateSize);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The tokens of the pass and their position.</summary>
    public GpuStep Step { get; }

    public GpuArgMax ArgMax { get; }

    public GpuAttention Attention { get; }

    /// <summary>The residual stream, [tokens, hidden].</summary>
    public GpuTensor<float> Residual { get; }

    /// <summary>A normalized copy of it.</summary>
    public GpuTensor<Half> Normed { get; }

    /// <summary>What the attention adds to it.</summary>
    public GpuTensor<Half> AttentionOutput { get; }

    /// <summary>What the feed-forward network adds to it.</summary>
    public GpuTensor<Half> FeedForwardOutput { get; }

    /// <summary>Queries, keys and values; or all of them in the first.</summary>
    public IReadOnlyList<GpuTensor<Half>> Projections { get; }

    /// <summary>What the heads gather, [tokens, heads * head size].</summary>
    public GpuTensor<Half> Attended { get; }

    /// <summary>Gate and up, or both of each token in the first, or up alone.</summary>
    public IReadOnlyList<GpuTensor<Half>> Wide { get; }

    /// <summary>What the feed-forward network's second half reads.</summary>
    public GpuTensor<Half> Activated { get; }

    /// <summary>Rows that <see cref="Logits"/> has room for.</summary>
    public int LogitRows { get; }

    /// <summary>[rows, vocabulary].</summary>
    public GpuTensor<float> Logits { get; }

    /// <summary>The same before it is widened, where the head gives halves.</summary>
    public GpuTensor<Half> HalfLogits { get; }

    public void Dispose() => _all.ForEach(item => item.Dispose());

    private GpuTensor<Half> Halves(int rows, int columns) => Add(_device.Allocate<Half>(checked(rows * columns)));

    private T Add<T>(T item)
        where T : IDisposable
    {
        _all.Add(item);
        return item;
    }
}
