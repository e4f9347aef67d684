using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KBitQuant.DataTypes;

namespace KBitQuant.Quantization;

/// <summary><see cref="FusedDecoder{T, TOffsets}"/> for tables of 256 entries that can be computed, which takes fewer instructions than looking
/// them up. Shorter codes would take as many to unpack.</summary>
/// <typeparam name="T">Half, BFloat16 or float.</typeparam>
/// <typeparam name="TOffsets">Whether there are offsets.</typeparam>
internal static unsafe class ComputedDecoder<T, TOffsets>
    where T : unmanaged
    where TOffsets : struct, IOffsets
{
    private const int Lanes = FusedDecoder.Lanes;
    private const int StepLength = FusedDecoder.StepLength;

    /// <summary>Of 64 codes those whose bytes, interleaved within 128 bits, make words of which the lower and the upper ones of dwords are in the
    /// order of the codes, each 16: byte 16L + 2i of 4L + i, the next of 16 + 4L + i, those 8 further on of 32 more.</summary>
    private static Vector512<byte> InterleavedPairs => Vector512.Create(
        (byte)0, 16, 1, 17, 2, 18, 3, 19, 32, 48, 33, 49, 34, 50, 35, 51, 4, 20, 5, 21, 6, 22, 7, 23, 36, 52, 37, 53, 38, 54, 39, 55,
        8, 24, 9, 25, 10, 26, 11, 27, 40, 56, 41, 57, 42, 58, 43, 59, 12, 28, 13, 29, 14, 30, 15, 31, 44, 60, 45, 61, 46, 62, 47, 63);

    /// <summary>Small floats from the two bytes that are not 0: words that are the upper halves of floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void DecodeSmall<TOutput>(byte* codes, int steps, FloatEntries small, VectorScales<TOffsets> scales, ref TOutput output)
        where TOutput : struct, IOutput<Vector512<byte>>
    {
        TOutput to = output;
        Vector512<byte> bytes = InterleavedPairs;
        Vector512<float> factor = Vector512.Create(small.Factor / FloatEntries.Raising), rest = Vector512.Create(small.Rest / FloatEntries.Raising);
        ReadOnlySpan<byte> planes = small.RaisedPlanes;
        Vector512<byte> a2 = Register(planes, 0), b2 = Register(planes, 1), c2 = Register(planes, 2), d2 = Register(planes, 3);
        Vector512<byte> a3 = Register(planes, 4), b3 = Register(planes, 5), c3 = Register(planes, 6), d3 = Register(planes, 7);
        for (byte* end = codes + (steps * StepLength); codes < end; codes += StepLength, scales = scales.Next)
        {
            FusedDecoder.PrefetchAhead(codes);
            Vector512<byte> index = Avx512Vbmi.PermuteVar64x8(Vector512.Load(codes), bytes);
            Vector512<byte> byte2 = FusedDecoder<T, TOffsets>.Lookup(a2, b2, c2, d2, index), byte3 = FusedDecoder<T, TOffsets>.Lookup(a3, b3, c3, d3, index);
            Vector512<uint> low = Avx512BW.UnpackLow(byte2, byte3).AsUInt32(), high = Avx512BW.UnpackHigh(byte2, byte3).AsUInt32();
            FusedDecoder<T, TOffsets>.Write(Entries(low << 16), Entries(low & Vector512.Create(Rounding.UpperWord)),
                Entries(high << 16), Entries(high & Vector512.Create(Rounding.UpperWord)), scales, ref to);
        }

        output = to;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        Vector512<float> Entries(Vector512<uint> raised) => FloatEntries.Decode(raised, factor, rest);

        static Vector512<byte> Register(ReadOnlySpan<byte> planes, int register) => Vector512.Create(planes[(register * Vector512<byte>.Count)..]);
    }

    /// <summary>Evenly spaced entries.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void DecodeEven<TOutput>(byte* codes, int steps, EvenEntries even, VectorScales<TOffsets> scales, ref TOutput output)
        where TOutput : struct, IOutput<Vector512<byte>>
    {
        TOutput to = output;
        Vector512<float> zero = Vector512.Create(even.Zero), reciprocal = Vector512.Create(even.Reciprocal), rest = Vector512.Create(even.Rest);
        for (byte* end = codes + (steps * StepLength); codes < end; codes += StepLength, scales = scales.Next)
        {
            FusedDecoder.PrefetchAhead(codes);
            FusedDecoder<T, TOffsets>.Write(Entries(codes), Entries(codes + Lanes), Entries(codes + (2 * Lanes)), Entries(codes + (3 * Lanes)), scales, ref to);
        }

        output = to;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        Vector512<float> Entries(byte* from) =>
            EvenEntries.Decode(Vector512.ConvertToSingle(Avx512F.ConvertToVector512Int32(Vector128.Load(from))), zero, reciprocal, rest);
    }
}
