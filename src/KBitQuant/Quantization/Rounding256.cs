using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KBitQuant.Quantization;

/// <summary><see cref="Rounding"/> with AVX2, of values times <see cref="Rounding.Scale"/>.</summary>
internal static class Rounding256
{
    private const byte OddWords = 0b1010_1010;

    /// <summary>Rounds 16 values.</summary>
    /// <typeparam name="T">Half or BFloat16.</typeparam>
    /// <param name="even">Those at even places.</param>
    /// <param name="odd">Those at odd places.</param>
    /// <returns>Their bits.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<ushort> Interleave<T>(Vector256<float> even, Vector256<float> odd)
    {
        if (typeof(T) != typeof(Half))
            return UpperWords(ToUpperWord(even), ToUpperWord(odd));
        Vector256<ushort> upper = UpperWords(even.AsUInt32(), odd.AsUInt32());
        Vector256<ushort> power = Vector256.Max(upper & Vector256.Create(Rounding.Exponent), Vector256.Create(Rounding.SmallestExponent));
        Vector256<uint> evenSum = AddAnchor(even, power.AsUInt32() << 16), oddSum = AddAnchor(odd, power.AsUInt32() & Vector256.Create(Rounding.UpperWord));
        Vector256<ushort> count = Avx2.Abs(Avx2.Blend(evenSum.AsInt16(), (oddSum << 16).AsInt16(), OddWords));
        return (count + (power << Rounding.ExponentShift)) | (upper & Vector256.Create(Rounding.Sign));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ushort> UpperWords(Vector256<uint> even, Vector256<uint> odd) =>
        Avx2.Blend((even >>> 16).AsUInt16(), odd.AsUInt16(), OddWords);

    /// <summary>The product is exact.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> AddAnchor(Vector256<float> values, Vector256<uint> powers) =>
        Vector256.FusedMultiplyAdd(powers.AsSingle(), Vector256.Create(Rounding.Anchor), values).AsUInt32();

    /// <summary>BFloat16's bits in the upper words.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> ToUpperWord(Vector256<float> values)
    {
        Vector256<uint> bits = values.AsUInt32();
        return bits + Vector256.Create(0x7FFFu) + ((bits >>> 16) & Vector256<uint>.One);
    }
}
