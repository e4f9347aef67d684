using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KBitQuant.Numerics;

namespace KBitQuant.Quantization;

/// <summary>Rounds 32 floats to a register of 16-bit floats: to nearest, ties to even, NaN made quiet, as <see cref="Elements"/> does.</summary>
internal static class Rounding512
{
    private const uint Sign = 0x8000_0000;
    private const uint Infinity = 0x7F80_0000;

    private static Vector512<ushort> EvenWords => Vector512<ushort>.Indices + Vector512<ushort>.Indices;

    /// <summary>To the bits of Half or BFloat16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<ushort> To<T>(Vector512<float> low, Vector512<float> high) => typeof(T) == typeof(Half)
        ? Avx512BW.PermuteVar32x16x2(ToHalf(low).AsUInt16(), EvenWords, ToHalf(high).AsUInt16())
        : Avx512BW.PermuteVar32x16x2(ToUpperHalf(low).AsUInt16(), EvenWords + Vector512<ushort>.One, ToUpperHalf(high).AsUInt16());

    /// <summary>The same values twice.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<ushort> ToTwice<T>(Vector512<float> values)
    {
        Vector512<ushort> rounded = (typeof(T) == typeof(Half) ? ToHalf(values) : ToUpperHalf(values)).AsUInt16();
        return Avx512BW.PermuteVar32x16(rounded, typeof(T) == typeof(Half) ? EvenWords : EvenWords + Vector512<ushort>.One);
    }

    /// <summary>Half's bits in the lower half of each float. A value is added to 2^13 times its power of two, at least that of the smallest
    /// normal Half, 2^-14: that rounds it to Half's last place, and leaves the count of these places in the low bits. Half's bits are that
    /// count, plus 2^10 for each power of two above 2^-14. What rounds beyond the range goes to infinity.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> ToHalf(Vector512<float> values)
    {
        const uint SmallestNormal = 0x3880_0000, BeyondRange = 0x4780_0000, Places = 13u << 23;
        Vector512<uint> bits = values.AsUInt32();
        Vector512<uint> magnitude = Vector512.AndNot(bits, Vector512.Create(Sign));
        Vector512<uint> clamped = Vector512.Min(magnitude, Vector512.Create(BeyondRange));
        Vector512<uint> power = Vector512.Max(clamped & Vector512.Create(Infinity), Vector512.Create(SmallestNormal));
        Vector512<uint> anchor = power + Vector512.Create(Places);
        Vector512<uint> count = (clamped.AsSingle() + anchor.AsSingle()).AsUInt32() - anchor;
        Vector512<uint> rounded = count + ((power - Vector512.Create(SmallestNormal)) >>> 13);
        Vector512<uint> quiet = (magnitude >>> 13) | Vector512.Create(0x200u);
        rounded = Vector512.ConditionalSelect(Vector512.GreaterThan(magnitude, Vector512.Create(Infinity)), quiet, rounded);
        return Vector512.ConditionalSelect(Vector512.Create(Sign >>> 16), bits >>> 16, rounded);
    }

    /// <summary>BFloat16's bits in the upper half of each float.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> ToUpperHalf(Vector512<float> values)
    {
        Vector512<uint> bits = values.AsUInt32();
        Vector512<uint> rounded = bits + Vector512.Create(0x7FFFu) + ((bits >>> 16) & Vector512<uint>.One);
        return Vector512.ConditionalSelect(Vector512.Equals(values, values).AsUInt32(), rounded, bits | Vector512.Create(0x0040_0000u));
    }
}
