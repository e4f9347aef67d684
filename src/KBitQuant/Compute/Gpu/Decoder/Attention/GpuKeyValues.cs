using System.Diagnostics.CodeAnalysis;
using Half = System.Half;

namespace KBitQuant.Compute.Gpu.Decoder.Attention;

/// <summary>The keys and values of one layer and sequence, in halves.</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal sealed class GpuKeyValues(GpuDevice device, GpuHeads heads, int capacity) : IDisposable
{
    /// <summary>The capacity is a multiple of so many positions: their keys lie at a multiple of 16 bytes.</summary>
    public const int Unit = 8;

    /// <summary>Positions.</summary>
    public int Capacity => RoundUp(capacity);

    /// <summary>[key and value heads, head size, capacity].</summary>
    public GpuTensor<Half> Keys { get; } = device.Allocate<Half>(checked(heads.KeyValueCount * heads.Size * RoundUp(capacity)));

    /// <summary>[key and value heads, capacity, head size].</summary>
    public GpuTensor<Half> Values { get; } = device.Allocate<Half>(checked(heads.KeyValueCount * heads.Size * RoundUp(capacity)));

    private static int RoundUp(int positions) => checked(positions + Unit - 1) / Unit * Unit;

    public void Dispose()
    {
        Keys.Dispose();
        Values.Dispose();
    }
}
