using System.Diagnostics.CodeAnalysis;
using KBitQuant.Compute.Gpu;
using KBitQuant.Compute.Gpu.Cuda;
using KBitQuant.Compute.Gpu.Decoder;
using KBitQuant.Transformers.Models.Layers;

namespace KBitQuant.Transformers.Models.Gpu;

/// <summary>A cache in the memory of a GPU, and the recorded step that reads and writes it.</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal sealed class GpuKeyValueCache : KeyValueCache
{
    private readonly GpuDevice _device;

    public GpuKeyValueCache(ModelConfig config, GpuDevice device, int capacity)
        : base(config, capacity)
    {
        _device = device;
        var heads = new GpuHeads(config.HeadCount, config.KeyValueHeadCount, config.HeadSize);
        var table = new RotaryTable(config.Rotary);
        table.Fill(0, capacity);
        Rotary = new GpuRotary(device, table.PairCount, table.Cosines, table.Sines);
        Layers = [.. Enumerable.Range(0, config.LayerCount).Select(_ => new GpuKeyValues(device, heads, capacity))];
    }

    /// <summary>The angles of every position.</summary>
    public GpuRotary Rotary { get; }

    /// <summary>Keys and values.</summary>
    public IReadOnlyList<GpuKeyValues> Layers { get; }

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
            foreach (GpuKeyValues layer in Layers)
                layer.Dispose();
        }

        base.Dispose(disposing);
    }
}
