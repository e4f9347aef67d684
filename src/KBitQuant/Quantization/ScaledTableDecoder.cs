using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KBitQuant.Packing;

namespace KBitQuant.Quantization;

/// <summary>
/// <see cref="FusedDecoder{T, TOffsets}"/> for 16-bit values, tables of up to 32 entries and blocks of whole steps: the table is scaled and rounded
/// before it is looked up, once for the 64 values of a step.
/// </summary>
/// <typeparam name="T">Half or BFloat16.</typeparam>
internal static unsafe class ScaledTableDecoder<T>
    where T : unmanaged
{
    /// <summary>Up to here a register holds the table.</summary>
    public const int MaxBits = 5;

    private const int Lanes = FusedDecoder.Lanes;

    private static readonly FieldShuffle[] WordFields = [default, .. Enumerable.Range(1, MaxBits).Select(FieldShuffle.ToWords)];

    /// <summary>As <see cref="FusedDecoder{T, TOffsets}.Decode"/>; of the scales the first of each step counts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Decode<TOffsets, TOutput>(int bits, byte* codes, int steps, float* table, VectorScales<TOffsets> scales, ref TOutput output)
        where TOffsets : struct, IOffsets
        where TOutput : struct, IOutput<Vector512<byte>>
    {
        TOutput to = output;
        Vector512<byte> bytes = WordFields[bits].Bytes, shifts = WordFields[bits].Bits;
        Vector512<float> low = Avx512F.LoadVector512(table), high = Avx512F.LoadVector512(table + Lanes);
        if (bits == MaxBits)
        {
            Vector512<int> even = Vector512<int>.Indices + Vector512<int>.Indices;
            (low, high) = (Avx512F.PermuteVar16x32x2(low, even, high), Avx512F.PermuteVar16x32x2(low, even + Vector512<int>.One, high));
        }
        else
        {
            low = Avx512F.PermuteVar16x32(low, Vector512<int>.Indices & Vector512.Create((1 << bits) - 1));
        }

        for (byte* end = codes + (8 * steps * bits); codes < end; codes += 8 * bits, scales = scales.Next)
        {
            FusedDecoder.PrefetchAhead(codes);
            Vector512<ushort> values = bits == MaxBits ? Rounding512.Interleave<T>(scales.Apply(low, 0), scales.Apply(high, 0)) : Rounding512.ToTwice<T>(scales.Apply(low, 0));
            to.Write(Avx512BW.PermuteVar32x16(values, Index(codes)).AsByte(), 0);
            to.Write(Avx512BW.PermuteVar32x16(values, Index(codes + (4 * bits))).AsByte(), 1);
            to.Advance(2);
        }

        output = to;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        Vector512<ushort> Index(byte* from) =>
            Avx512Vbmi.MultiShift(shifts, Avx512Vbmi.PermuteVar64x8(Vector256.Load(from).ToVector512Unsafe(), bytes).AsUInt64()).AsUInt16();
    }
}
