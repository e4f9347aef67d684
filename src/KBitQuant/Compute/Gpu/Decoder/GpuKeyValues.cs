using System.Diagnostics.CodeAnalysis;
using Half = System.Half;

namespace KBitQuant.Compute.Gpu.Decoder;

/// <summary>The keys and values of one layer and sequence, in halves.</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal sealed class GpuKeyValues(GpuDevice device, GpuHeads heads, int capacity) : IDisposable
{
    /// <summary>Positions.</summary>
    public int Capacity => capacity;

    /// <summary>[key and value heads, head size, capacity].</summary>
    public GpuTensor<Half> Keys { get; } = device.Allocate<Half>(checked(heads.KeyValueCount * heads.Size * capacity));

    /// <summary>[key and value heads, capacity, head size].</summary>
    public GpuTensor<Half> Values { get; } = device.Allocate<Half>(checked(heads.KeyValueCount * heads.Size * capacity));

    public void Dispose()
    {
        Keys.Dispose();
        Values.Dispose();
    }
}
