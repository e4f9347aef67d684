using System.Diagnostics.CodeAnalysis;
using KBitQuant.Compute;
using KBitQuant.Compute.Gpu;
using KBitQuant.Compute.Gpu.Cuda;
using KBitQuant.Transformers.Models.Layers;

namespace KBitQuant.Transformers.Models.Gpu;

/// <summary>
/// The layers on a GPU. Between tokens and logits nothing leaves it. The residual stream is in float; what a product takes and gives
/// is in halves. Passes follow one another, so they share one workspace. A step of one token is recorded as a graph of CUDA when a
/// cache takes its second one, and replayed from then on: token and position are read from device memory.
/// </summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal sealed class GpuDecoder : Decoder
{
    /// <summary>The <see cref="MaxTokens"/> of all.</summary>
    public const int TokensAtOnce = 2048;

    private readonly ModelConfig _config;
    private readonly GpuDevice _device;

    public GpuDecoder(ModelConfig config, WeightLoader loader, GpuDevice device, KernelPreference? preference)
    {
        (_config, _device) = (config, device);
        Model = new GpuModel(config, loader, device, preference);
        try
        {
            Workspace = new GpuWorkspace(config, device);
        }
        catch
        {
            Model.Dispose();
            throw;
        }
    }

    /// <summary>The weights.</summary>
    public GpuModel Model { get; }

    /// <summary>What a pass computes in.</summary>
    public GpuWorkspace Workspace { get; }

    public override int MaxTokens => TokensAtOnce;

    public override ModelMemory Memory => Model.Memory;

    public override IReadOnlyList<string> KernelNames => Model.KernelNames;

    public override KeyValueCache CreateCache(int capacity) => new GpuKeyValueCache(_config, _device, capacity);

    public override void Forward(ReadOnlySpan<int> tokens, KeyValueCache cache, Span<float> logits, CancellationToken cancellationToken)
    {
        using GpuDevice.Call call = _device.Enter();
        int vocabulary = _config.VocabularySize;
        int rows = logits.Length / vocabulary;
        Advance(tokens, (GpuKeyValueCache)cache, cancellationToken);
        if (tokens.Length == 1 && rows == 1)
        {
            Workspace.Logits.CopyFirstTo(logits);
            return;
        }

        for (int row = 0; row < rows;)
        {
            int count = Math.Min(Workspace.LogitRows, rows - row);
            ComputeLogits(tokens.Length - rows + row, count);
            Workspace.Logits.CopyFirstTo(logits.Slice(row * vocabulary, count * vocabulary));
            row += count;
        }
    }

    public override int ForwardLikeliest(ReadOnlySpan<int> tokens, KeyValueCache cache, Span<float> logits, CancellationToken cancellationToken)
    {
        using GpuDevice.Call call = _device.Enter();
        Advance(tokens, (GpuKeyValueCache)cache, cancellationToken);
        // A step of one token has begun it.
        if (tokens.Length == 1)
            return Workspace.ArgMax.Take();
        ComputeLogits(tokens.Length - 1, 1);
        return Workspace.ArgMax.Of(Workspace.Logits, _config.VocabularySize);
    }

    public override void Dispose()
    {
        Model.Dispose();
        Workspace.Dispose();
    }

    /// <summary>Computes the hidden states of the tokens, of one token its logits too, and adds the tokens to the cache.</summary>
    private void Advance(ReadOnlySpan<int> tokens, GpuKeyValueCache cache, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Workspace.Step.Upload(cache.Length, tokens);
        if (tokens.Length > 1)
            RunLayers(cache, tokens.Length, cancellationToken);
        else if (cache.Graph is { } graph)
            graph.Launch();
        else
            RunStep(cache);
        cache.Length += tokens.Length;
    }

    private void RunStep(GpuKeyValueCache cache)
    {
        void Step()
        {
            if (Model.CanStep)
            {
                StepLayers(cache);
            }
            else
            {
                RunLayers(cache, 1, CancellationToken.None);
                ComputeLogits(0, 1);
            }

            Workspace.ArgMax.Begin(Workspace.Logits, _config.VocabularySize);
        }

        // The first step compiles kernels, which cannot be recorded; a cache that takes only one is not worth recording for.
        if (cache.HasStepped && _device.Cuda is { } cuda)
        {
            cache.Graph = new CudaGraph(cuda.Stream, Step);
            cache.Graph.Launch();
        }
        else
        {
            Step();
        }

        cache.HasStepped = true;
    }

    private void RunLayers(GpuKeyValueCache cache, int tokens, CancellationToken cancellationToken)
    {
        GpuWorkspace workspace = Workspace;
        Model.Embedding.Gather(workspace.Step, tokens, workspace.Residual);
        for (int i = 0; i < Model.Layers.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            GpuLayer layer = Model.Layers[i];
            layer.Attend(workspace, cache.Layers[i], cache.Rotary, tokens, isFirst: i == 0);
            layer.FeedForward(workspace, tokens);
        }
    }

    /// <summary>A step of one token in few kernels, to its logits.</summary>
    private void StepLayers(GpuKeyValueCache cache)
    {
        Model.Embedding.Gather(Workspace.Step, 1, Workspace.Residual);
        for (int i = 0; i < Model.Layers.Count; i++)
            Model.Layers[i].Step(Workspace, cache.Layers[i], cache.Rotary);
        if (Model.FinalNorm.CanFuse && Model.Head.CanFuse)
        {
            Model.Head.ApplyFused(Model.FinalNorm.Of(Workspace.Residual), FusedOutput.To(Workspace.Logits));
            return;
        }

        Model.FinalNorm.Apply(Workspace.Residual, null, null, 0, 1, Workspace.Normed);
        Model.Head.ComputeLogits(Workspace.Normed, 1, Workspace.HalfLogits, Workspace.Logits);
    }

    /// <summary>The logits that follow some tokens of the last pass, to the start of the workspace's.</summary>
    private void ComputeLogits(int firstToken, int count)
    {
        GpuWorkspace workspace = Workspace;
        Model.FinalNorm.Apply(
            workspace.Residual, workspace.FeedForwardOutput, _config.IsParallel ? workspace.AttentionOutput : null, firstToken, count, workspace.Normed);
        Model.Head.ComputeLogits(workspace.Normed, count, workspace.HalfLogits, workspace.Logits);
    }
}
