using System.Diagnostics.CodeAnalysis;
using KBitQuant.Compute.Gpu;
using KBitQuant.Compute.Gpu.Cuda;
using KBitQuant.Compute.Gpu.Decoder.Attention;
using KBitQuant.Compute.Gpu.Decoder.Rotary;
using KBitQuant.Transformers.Models.Layers;

namespace KBitQuant.Transformers.Models.Gpu;

/// <summary>A cache in the memory of a GPU, and the recorded step that reads and writes it.</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal sealed class GpuKeyValueCache : KeyValueCache
{
    private readonly GpuDevice _device;
    private readonly List<GpuKeyValues> _layers = [];

    public GpuKeyValueCache(ModelConfig config, GpuDevice device, int capacity)
        : base(config, capacity)
    {
        _device = device;
        var heads = new GpuHeads(config.HeadCount, config.KeyValueHeadCount, config.HeadSize);
        var table = new RotaryTable(config.Rotary);
        table.Fill(0, capacity);
        Rotary = new GpuRotary(device, table.PairCount, table.Cosines, table.Sines);
        try
        {
            while (_layers.Count < config.LayerCount)
                _layers.Add(new GpuKeyValues(device, heads, capacity));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The angles of every position.</summary>
    public GpuRotary Rotary { get; }

    /// <summary>Keys and values.</summary>
    public IReadOnlyList<GpuKeyValues> Layers => _layers;

    /// <summary>Whether a step of one token has run.</summary>
    public bool HasStepped { get; set; }

    /// <summary>The step of one token, once it is recorded.</summary>
    public CudaGraph? Graph { get; set; }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            using GpuDevice.Call call = _device.EnterUnchecked();
            if (!_device.IsDisposed)
                Graph?.Dispose();
            Graph = null;
            Rotary.Dispose();
            _layers.ForEach(layer => layer.Dispose());
        }

        base.Dispose(disposing);
    }
}
