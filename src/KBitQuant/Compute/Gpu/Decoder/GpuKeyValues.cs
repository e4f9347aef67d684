using System.Diagnostics.CodeAnalysis;
using Half = System.Half;

namespace KBitQuant.Compute.Gpu.Decoder;

/// <summary>The keys and values of one layer and sequence, in halves.</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal sealed class GpuKeyValues(GpuDevice device, GpuHeads heads, int capacity) : IDisposable
{
    /// <summary>Positions: an even number, so that keys of two follow one another at a multiple of 4 bytes.</summary>
    public int Capacity => EvenCapacity(capacity);

    /// <summary>[key and value heads, head size, capacity].</summary>
    public GpuTensor<Half> Keys { get; } = device.Allocate<Half>(checked(heads.KeyValueCount * heads.Size * EvenCapacity(capacity)));

    /// <summary>[key and value heads, capacity, head size].</summary>
    public GpuTensor<Half> Values { get; } = device.Allocate<Half>(checked(heads.KeyValueCount * heads.Size * EvenCapacity(capacity)));

    private static int EvenCapacity(int positions) => checked(positions + 1) / 2 * 2;

    public void Dispose()
    {
        Keys.Dispose();
        Values.Dispose();
    }
}
