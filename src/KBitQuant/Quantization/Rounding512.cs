using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KBitQuant.Quantization;

/// <summary><see cref="Rounding"/> with AVX-512, of values times <see cref="Rounding.Scale"/>.</summary>
internal static class Rounding512
{
    private static Vector512<ushort> EvenWords => Vector512<ushort>.Indices + Vector512<ushort>.Indices;

    /// <summary>Rounds 32 values.</summary>
    /// <typeparam name="T">Half or BFloat16.</typeparam>
    /// <param name="even">Those at even places.</param>
    /// <param name="odd">Those at odd places.</param>
    /// <returns>Their bits.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<ushort> Interleave<T>(Vector512<float> even, Vector512<float> odd)
    {
        Vector512<ushort> upper = Join(even.AsUInt32() >>> 16, odd.AsUInt32()).AsUInt16();
        if (typeof(T) != typeof(Half))
        {
            Vector512<ushort> lower = Join(even.AsUInt32(), odd.AsUInt32() << 16).AsUInt16();
            // Half the sum of the lower word, 0x7FFF and the upper word's last bit: its first bit is what that sum carries.
            Vector512<ushort> carries = Avx512BW.Average(lower, (upper & Vector512<ushort>.One) | Vector512.Create((ushort)0x7FFE));
            return upper + (carries >>> 15);
        }

        Vector512<ushort> power = Vector512.Max(upper & Vector512.Create(Rounding.Exponent), Vector512.Create(Rounding.SmallestExponent));
        Vector512<uint> evenSum = AddAnchor(even, power.AsUInt32() << 16), oddSum = AddAnchor(odd, power.AsUInt32() & Vector512.Create(Rounding.UpperWord));
        return Finish(upper, power << Rounding.ExponentShift, Join(evenSum, oddSum << 16));
    }

    /// <summary>The same of values that are one after the other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<ushort> To<T>(Vector512<float> low, Vector512<float> high) => Avx512BW.PermuteVar32x16(
        Interleave<T>(low, high), Vector512.Create((ushort)0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31));

    /// <summary>16 values, twice.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<ushort> ToTwice<T>(Vector512<float> values)
    {
        if (typeof(T) != typeof(Half))
            return Avx512BW.PermuteVar32x16(ToUpperWord(values).AsUInt16(), EvenWords + Vector512<ushort>.One);
        // All of it is in the lower words; the upper ones are not looked at.
        Vector512<uint> power = Vector512.Max(values.AsUInt32() & Vector512.Create((uint)Rounding.Exponent << 16), Vector512.Create((uint)Rounding.SmallestExponent << 16));
        Vector512<uint> exponent = power >>> (16 - Rounding.ExponentShift);
        return Avx512BW.PermuteVar32x16(Finish((values.AsUInt32() >>> 16).AsUInt16(), exponent.AsUInt16(), AddAnchor(values, power)), EvenWords);
    }

    /// <summary>The lower words of the one, the upper words of the other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Join(Vector512<uint> lower, Vector512<uint> upper) =>
        Vector512.ConditionalSelect(Vector512.Create(Rounding.UpperWord), upper, lower);

    /// <summary>The product is exact.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> AddAnchor(Vector512<float> values, Vector512<uint> powers) =>
        Vector512.FusedMultiplyAdd(powers.AsSingle(), Vector512.Create(Rounding.Anchor), values).AsUInt32();

    /// <summary>Half's sign, exponent and count of places together.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ushort> Finish(Vector512<ushort> signs, Vector512<ushort> exponents, Vector512<uint> counts) =>
        Vector512.ConditionalSelect(Vector512.Create(Rounding.Sign), signs, Avx512BW.Abs(counts.AsInt16()) + exponents);

    /// <summary>BFloat16's bits in the upper words.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> ToUpperWord(Vector512<float> values)
    {
        Vector512<uint> bits = values.AsUInt32();
        return bits + Vector512.Create(0x7FFFu) + ((bits >>> 16) & Vector512<uint>.One);
    }
}
