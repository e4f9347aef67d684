using ILGPU;
using KBitQuant.Compute.Gpu.Kernels.Platforms;

namespace KBitQuant.Compute.Gpu.Decoder.Attention;

/// <summary>Eight values, which a thread asks for at once: it then waits for memory once.</summary>
internal struct EightValues
{
    /// <summary>How many there are.</summary>
    public const int Count = 8;

    public float Value0;
    public float Value1;
    public float Value2;
    public float Value3;
    public float Value4;
    public float Value5;
    public float Value6;
    public float Value7;

    /// <summary>Reads halves a stride apart; zeros where fewer are wanted, at least one.</summary>
    public static EightValues LoadHalves<TPlatform>(ArrayView<ushort> from, int at, int stride, int wanted)
        where TPlatform : struct, IGpuPlatform
    {
        TPlatform platform = default;
        // All are read, so that none waits for a branch.
        ushort half0 = from[at];
        ushort half1 = from[at + (IntrinsicMath.Min(1, wanted - 1) * stride)];
        ushort half2 = from[at + (IntrinsicMath.Min(2, wanted - 1) * stride)];
        ushort half3 = from[at + (IntrinsicMath.Min(3, wanted - 1) * stride)];
        ushort half4 = from[at + (IntrinsicMath.Min(4, wanted - 1) * stride)];
        ushort half5 = from[at + (IntrinsicMath.Min(5, wanted - 1) * stride)];
        ushort half6 = from[at + (IntrinsicMath.Min(6, wanted - 1) * stride)];
        ushort half7 = from[at + (IntrinsicMath.Min(7, wanted - 1) * stride)];
        return new()
        {
            Value0 = platform.Widen(half0),
            Value1 = wanted > 1 ? platform.Widen(half1) : 0,
            Value2 = wanted > 2 ? platform.Widen(half2) : 0,
            Value3 = wanted > 3 ? platform.Widen(half3) : 0,
            Value4 = wanted > 4 ? platform.Widen(half4) : 0,
            Value5 = wanted > 5 ? platform.Widen(half5) : 0,
            Value6 = wanted > 6 ? platform.Widen(half6) : 0,
            Value7 = wanted > 7 ? platform.Widen(half7) : 0,
        };
    }

    /// <summary>Sum + each value times the row values of an array, which follow one another: eight of them, whose last are finite
    /// where fewer values were wanted.</summary>
    public readonly RowValues AddProducts(RowValues sum, ArrayView<float> rows, int at)
    {
        sum = sum.PlusProduct(RowValues.Load(rows, at, 1), Value0);
        sum = sum.PlusProduct(RowValues.Load(rows, at + RowValues.Count, 1), Value1);
        sum = sum.PlusProduct(RowValues.Load(rows, at + (2 * RowValues.Count), 1), Value2);
        sum = sum.PlusProduct(RowValues.Load(rows, at + (3 * RowValues.Count), 1), Value3);
        sum = sum.PlusProduct(RowValues.Load(rows, at + (4 * RowValues.Count), 1), Value4);
        sum = sum.PlusProduct(RowValues.Load(rows, at + (5 * RowValues.Count), 1), Value5);
        sum = sum.PlusProduct(RowValues.Load(rows, at + (6 * RowValues.Count), 1), Value6);
        return sum.PlusProduct(RowValues.Load(rows, at + (7 * RowValues.Count), 1), Value7);
    }
}
