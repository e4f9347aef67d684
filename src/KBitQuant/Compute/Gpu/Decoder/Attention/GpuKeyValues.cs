using System.Diagnostics.CodeAnalysis;
using Half = System.Half;

namespace KBitQuant.Compute.Gpu.Decoder.Attention;

/// <summary>The keys and values of one layer and sequence, in halves.</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal sealed class GpuKeyValues(GpuDevice device, GpuHeads heads, int capacity) : IDisposable
{
    /// <summary>Positions: a multiple of 8, so that the keys of 8 lie at a multiple of 16 bytes.</summary>
    public int Capacity => RoundUp(capacity);

    /// <summary>[key and value heads, head size, capacity].</summary>
    public GpuTensor<Half> Keys { get; } = device.Allocate<Half>(checked(heads.KeyValueCount * heads.Size * RoundUp(capacity)));

    /// <summary>[key and value heads, capacity, head size].</summary>
    public GpuTensor<Half> Values { get; } = device.Allocate<Half>(checked(heads.KeyValueCount * heads.Size * RoundUp(capacity)));

    private static int RoundUp(int positions) => checked(positions + 7) / 8 * 8;

    public void Dispose()
    {
        Keys.Dispose();
        Values.Dispose();
    }
}
