using System.Diagnostics.CodeAnalysis;
using KBitQuant.Compute;
using KBitQuant.Compute.Gpu;
using KBitQuant.Compute.Gpu.Decoder.Attention;
using KBitQuant.Compute.Gpu.Decoder.Dense;
using KBitQuant.Compute.Gpu.Decoder.Norms;
using KBitQuant.Transformers.Models.Layers;

namespace KBitQuant.Transformers.Models.Gpu;

/// <summary>A model's weights on a GPU. Projections that read the same input are joined where their formats allow it.</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal sealed class GpuModel : IDisposable
{
    private readonly ModelConfig _config;
    private readonly WeightLoader _loader;
    private readonly GpuDevice _device;
    private readonly KernelPreference? _preference;
    private readonly List<GpuLinear> _linears = [];
    private readonly List<GpuNorm> _norms = [];

    public GpuModel(ModelConfig config, WeightLoader loader, GpuDevice device, KernelPreference? preference)
    {
        (_config, _loader, _device, _preference) = (config, loader, device, preference);
        WeightNames names = config.Family.Names;
        try
        {
            Embedding = Dense(loader.LoadEmbedding(names.Embedding));
            // Before the layers' weights, so that it is disposed of if they fail.
            GpuLinear embedding = Add(new GpuLinear(device, Embedding, []));
            Layers = [.. Enumerable.Range(0, config.LayerCount).Select(LoadLayer)];
            FinalNorm = LoadNorm(names.FinalNorm);
            Head = config.HasTiedEmbeddings ? embedding : Prepare(loader.LoadLinear(names.Head));
            using GpuDevice.Call call = device.Enter();
            CanStep = Layers.All(layer => layer.CanStep);
        }
        catch
        {
            Dispose();
            throw;
        }

        (KernelNames, Memory) = LoadedLinear.Describe(_linears, loader.VectorBytes);
    }

    public ModelMemory Memory { get; }

    public IReadOnlyList<string> KernelNames { get; }

    public GpuDense Embedding { get; }

    public IReadOnlyList<GpuLayer> Layers { get; }

    public GpuNorm FinalNorm { get; }

    public GpuLinear Head { get; }

    /// <summary>Whether a step of one token runs by <see cref="GpuLayer.Step"/>.</summary>
    public bool CanStep { get; }

    public void Dispose()
    {
        _linears.ForEach(linear => linear.Dispose());
        _norms.ForEach(norm => norm.Dispose());
    }

    private GpuLayer LoadLayer(int layer)
    {
        WeightNames names = _config.Family.Names;
        LinearWeight Load(string name) => _loader.LoadLinear(ModelLayout.InLayer(name, layer));
        GpuNorm attentionNorm = LoadNorm(ModelLayout.InLayer(names.AttentionNorm, layer));
        IReadOnlyList<GpuLinear> projections = PrepareJoined([.. names.Qkv.Select(Load)]);
        return new(_config, _device)
        {
            AttentionNorm = attentionNorm,
            Projections = projections,
            HeadLayout = LayoutOf(projections.Count == 1),
            AttentionOutput = Prepare(Load(names.AttentionOutput)),
            FeedForwardNorm = LoadNorm(ModelLayout.InLayer(names.FeedForwardNorm, layer)),
            ToWide = names.Gate is null ? [Prepare(Load(names.Up))] : PrepareGated(Load(names.Gate), Load(names.Up)),
            Down = Prepare(Load(names.Down)),
        };
    }

    private GpuHeadLayout LayoutOf(bool isOne)
    {
        int size = _config.HeadSize;
        int queries = _config.HeadCount * size;
        int keys = _config.KeyValueHeadCount * size;
        int all = queries + (2 * keys);
        return _config.Family.QkvLayout == QkvLayout.FusedPerHead ? new(all, all, 3 * size, size, 2 * size)
            : isOne ? new(all, all, size, queries, queries + keys)
            : new(queries, keys, size, 0, 0);
    }

    private GpuNorm LoadNorm(string module)
    {
        NormWeight weight = _loader.LoadNorm(module);
        var norm = new GpuNorm(_device, weight.Weight, weight.Bias, weight.Epsilon, weight.Kind == NormKind.LayerNorm);
        _norms.Add(norm);
        return norm;
    }

    private IReadOnlyList<GpuLinear> PrepareJoined(LinearWeight[] weights) =>
        weights.Length > 1 && LinearJoin.TryJoin(weights) is { } joined ? [Prepare(joined)] : [.. weights.Select(Prepare)];

    private IReadOnlyList<GpuLinear> PrepareGated(LinearWeight gate, LinearWeight up) =>
        LinearJoin.TryInterleave(gate, up) is { } joined ? [Prepare(joined)] : [Prepare(gate), Prepare(up)];

    private GpuLinear Prepare(LinearWeight weight) => Add(weight.Quantized is { } quantized
        ? new GpuLinear(_device, _device.Prepare(quantized, _preference), weight.Bias)
        : new GpuLinear(_device, Dense(weight), weight.Bias));

    private GpuLinear Add(GpuLinear linear)
    {
        _linears.Add(linear);
        return linear;
    }

    private GpuDense Dense(LinearWeight weight)
    {
        (float[] values, int rows, int columns) = (weight.Values, weight.Rows, weight.Columns);
        return NarrowestElement.TryNarrow(values, out Half[] halves) ? GpuDense.Create<Half>(_device, halves, rows, columns)
            : NarrowestElement.TryNarrow(values, out Numerics.BFloat16[] brains) ? GpuDense.Create<Numerics.BFloat16>(_device, brains, rows, columns)
            : GpuDense.Create<float>(_device, values, rows, columns);
    }
}
