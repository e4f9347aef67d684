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
    private readonly ModelConfig _config;
    private readonly GpuDevice _device;
    private readonly GpuModel _model;
    private readonly GpuWorkspace _workspace;

    public GpuDecoder(ModelConfig config, WeightLoader loader, GpuDevice device, KernelPreference? preference)
    {
        (_config, _device) = (config, device);
        _model = new GpuModel(config, loader, device, preference);
        try
        {
            _workspace = new GpuWorkspace(config, device);
        }
        catch
        {
            _model.Dispose();
            throw;
        }
    }

    public override ModelMemory Memory => _model.Memory;

    public override IReadOnlyList<string> KernelNames => _model.KernelNames;

    public override KeyValueCache CreateCache(int capacity) => new GpuKeyValueCache(_config, _device, capacity);

    public override void Forward(ReadOnlySpan<int> tokens, KeyValueCache cache, Span<float> logits)
    {
        using GpuDevice.Call call = _device.Enter();
        int vocabulary = _config.VocabularySize;
        int rows = logits.Length / vocabulary;
        Advance(tokens, (GpuKeyValueCache)cache);
        if (tokens.Length == 1 && rows == 1)
        {
            _workspace.Logits.CopyFirstTo(logits);
            return;
        }

        for (int row = 0; row < rows;)
        {
            int count = Math.Min(_workspace.LogitRows, rows - row);
            ComputeLogits(tokens.Length - rows + row, count);
            _workspace.Logits.CopyFirstTo(logits.Slice(row * vocabulary, count * vocabulary));
            row += count;
        }
    }

    public override int ForwardLikeliest(ReadOnlySpan<int> tokens, KeyValueCache cache, Span<float> logits)
    {
        using GpuDevice.Call call = _device.Enter();
        Advance(tokens, (GpuKeyValueCache)cache);
        if (tokens.Length > 1)
            ComputeLogits(tokens.Length - 1, 1);
        return _workspace.ArgMax.Of(_workspace.Logits, _config.VocabularySize);
    }

    public override void Dispose()
    {
        _model.Dispose();
        _workspace.Dispose();
    }

    /// <summary>Computes the hidden states of the tokens, of one token its logits too, and adds the tokens to the cache.</summary>
    private void Advance(ReadOnlySpan<int> tokens, GpuKeyValueCache cache)
    {
        _workspace.Step.Upload(cache.Length, tokens);
        if (tokens.Length > 1)
            RunLayers(cache, tokens.Length);
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
            RunLayers(cache, 1);
            ComputeLogits(0, 1);
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

    private void RunLayers(GpuKeyValueCache cache, int tokens)
    {
        GpuWorkspace workspace = _workspace;
        _model.Embedding.Gather(workspace.Step, tokens, workspace.Residual);
        for (int i = 0; i < _model.Layers.Count; i++)
        {
            GpuLayer layer = _model.Layers[i];
            layer.Attend(workspace, cache.Layers[i], cache.Rotary, tokens, isFirst: i == 0);
            layer.FeedForward(workspace, tokens);
        }
    }

    /// <summary>The logits that follow some tokens of the last pass, to the start of the workspace's.</summary>
    private void ComputeLogits(int firstToken, int count)
    {
        GpuWorkspace workspace = _workspace;
        _model.FinalNorm.Apply(
            workspace.Residual, workspace.FeedForwardOutput, _config.IsParallel ? workspace.AttentionOutput : null, firstToken, count, workspace.Normed);
        _model.Head.ComputeLogits(workspace.Normed, count, workspace.HalfLogits, workspace.Logits);
    }
}
