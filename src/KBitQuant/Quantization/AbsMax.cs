using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using KBitQuant.Numerics;

namespace KBitQuant.Quantization;

/// <summary>The largest magnitude of a span. Magnitudes are compared as integers, their bits without the sign: the order is the
/// same, and infinities and NaN come out on top instead of being lost.</summary>
internal static class AbsMax
{
    private const uint SingleMagnitude = 0x7FFF_FFFF;
    private const ushort HalfMagnitude = 0x7FFF;

    /// <summary>The largest magnitude; infinite or NaN where an element is.</summary>
    public static float Of<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
            return BitConverter.UInt32BitsToSingle(MaxOf(MemoryMarshal.Cast<T, uint>(values), SingleMagnitude));
        ushort bits = MaxOf(MemoryMarshal.Cast<T, ushort>(values), HalfMagnitude);
        return typeof(T) == typeof(Half) ? (float)BitConverter.UInt16BitsToHalf(bits) : (float)BFloat16.FromBits(bits);
    }

    private static T MaxOf<T>(ReadOnlySpan<T> bits, T magnitude)
        where T : unmanaged, System.Numerics.IBinaryInteger<T>
    {
        ref T start = ref MemoryMarshal.GetReference(bits);
        int width = Vector256<T>.Count;
        Vector256<T> mask = Vector256.Create(magnitude);
        Vector256<T> max0 = Vector256<T>.Zero;
        Vector256<T> max1 = Vector256<T>.Zero;
        int i = 0;
        // Two accumulators hide the latency of the maximum.
        for (; i <= bits.Length - (2 * width); i += 2 * width)
        {
            max0 = Vector256.Max(max0, Vector256.LoadUnsafe(ref start, (nuint)i) & mask);
            max1 = Vector256.Max(max1, Vector256.LoadUnsafe(ref start, (nuint)(i + width)) & mask);
        }

        max0 = Vector256.Max(max0, max1);
        Vector128<T> folded = Vector128.Max(max0.GetLower(), max0.GetUpper());
        T max = T.Zero;
        for (int lane = 0; lane < Vector128<T>.Count; lane++)
            max = T.Max(max, folded[lane]);
        for (; i < bits.Length; i++)
            max = T.Max(max, Unsafe.Add(ref start, i) & magnitude);
        return max;
    }
}
