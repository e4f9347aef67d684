using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KBitQuant.DataTypes;
using KBitQuant.Packing;

namespace KBitQuant.Quantization;

/// <summary>
/// Decodes packed codes in one pass with AVX-512 VBMI, 64 at a time: from the stream to fields of a register, to table entries, to products
/// and sums, to the element type, and nothing but the results is stored. The table stays in registers. Each 16 values have a constant and
/// an offset of their own, read as a broadcast, so that the length of blocks does not matter.
/// </summary>
/// <typeparam name="T">Half, BFloat16 or float.</typeparam>
/// <typeparam name="TOffsets">Whether there are offsets.</typeparam>
internal static unsafe class FusedDecoder<T, TOffsets>
    where T : unmanaged
    where TOffsets : struct, IOffsets
{
    private const int Lanes = FusedDecoder.Lanes;
    private const int StepVectors = FusedDecoder.StepVectors;
    private const int PlaneLength = BytePlaneLookup.PlaneLength;
    private const int PlaneRegister = 64;

    private static readonly FieldShuffle[] DwordFields = [default, .. Enumerable.Range(1, 5).Select(FieldShuffle.ToDwords)];
    private static readonly FieldShuffle[] ByteFields = [.. Enumerable.Range(6, 3).Select(FieldShuffle.ToInterleavedBytes)];

    /// <summary>Decodes 64 times <paramref name="steps"/> values.</summary>
    /// <param name="type">The type.</param>
    /// <param name="codes">The first code, at a whole byte; <see cref="FusedDecoder.FittingSteps"/> says how many steps may be read.</param>
    /// <param name="steps">How many.</param>
    /// <param name="table">The table (<see cref="DataTypes.DataType.Lookup"/>).</param>
    /// <param name="planes">The same in planes (<see cref="DataTypes.DataType.LookupPlanes"/>).</param>
    /// <param name="scales">A constant and an offset for each 16 values.</param>
    /// <param name="output">Receives the values.</param>
    public static void Decode<TOutput>(DataType type, byte* codes, int steps, float* table, byte* planes, VectorScales<TOffsets> scales, ref TOutput output)
        where TOutput : struct, IOutput<Vector512<byte>>
    {
        switch (type.Bits)
        {
            case <= 4:
                Decode16(type.Bits, codes, steps, table, scales, ref output);
                break;
            case 5:
                Decode32(codes, steps, table, scales, ref output);
                break;
            case 6:
                Decode64(codes, steps, planes, scales, ref output);
                break;
            case 7:
                Decode128(codes, steps, planes, scales, ref output);
                break;
            case 8 when type.Even is { } even:
                ComputedDecoder<T, TOffsets>.DecodeEven(codes, steps, even, scales, ref output);
                break;
            case 8 when type.Small is { } small:
                ComputedDecoder<T, TOffsets>.DecodeSmall(codes, steps, small, scales, ref output);
                break;
            default:
                Decode256(codes, steps, planes, scales, ref output);
                break;
        }
    }

    /// <summary>Tables of up to 16 entries, repeated in one register of which the permutation reads the low four bits of a field. 16 codes
    /// lie within one qword.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Decode16<TOutput>(int bits, byte* codes, int steps, float* table, VectorScales<TOffsets> scales, ref TOutput output)
        where TOutput : struct, IOutput<Vector512<byte>>
    {
        TOutput to = output;
        Vector512<byte> fields = DwordFields[bits].Bits;
        Vector512<float> entries = Avx512F.PermuteVar16x32(Avx512F.LoadVector512(table), Vector512<int>.Indices & Vector512.Create((1 << bits) - 1));
        nint stride = 2 * bits;
        for (byte* end = codes + (4 * steps * stride); codes < end; codes += 4 * stride, scales = scales.Next)
        {
            FusedDecoder.PrefetchAhead(codes);
            Vector512<float> values0 = Avx512F.PermuteVar16x32(entries, Index(fields, codes));
            Vector512<float> values1 = Avx512F.PermuteVar16x32(entries, Index(fields, codes + stride));
            Vector512<float> values2 = Avx512F.PermuteVar16x32(entries, Index(fields, codes + (2 * stride)));
            Vector512<float> values3 = Avx512F.PermuteVar16x32(entries, Index(fields, codes + (3 * stride)));
            Write(values0, values1, values2, values3, scales, ref to);
        }

        output = to;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static Vector512<int> Index(Vector512<byte> fields, byte* codes) =>
            Avx512Vbmi.MultiShift(fields, Vector512.Create(Unsafe.ReadUnaligned<ulong>(codes))).AsInt32();
    }

    /// <summary>32 entries in two registers; 16 codes lie within 128 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Decode32<TOutput>(byte* codes, int steps, float* table, VectorScales<TOffsets> scales, ref TOutput output)
        where TOutput : struct, IOutput<Vector512<byte>>
    {
        TOutput to = output;
        const int Stride = 10;
        FieldShuffle fields = DwordFields[5];
        Vector512<byte> bytes = fields.Bytes, shifts = fields.Bits;
        Vector512<float> low = Avx512F.LoadVector512(table), high = Avx512F.LoadVector512(table + Lanes);
        for (byte* end = codes + (steps * StepVectors * Stride); codes < end; codes += StepVectors * Stride, scales = scales.Next)
        {
            FusedDecoder.PrefetchAhead(codes);
            Vector512<float> values0 = Avx512F.PermuteVar16x32x2(low, Index(bytes, shifts, codes), high);
            Vector512<float> values1 = Avx512F.PermuteVar16x32x2(low, Index(bytes, shifts, codes + Stride), high);
            Vector512<float> values2 = Avx512F.PermuteVar16x32x2(low, Index(bytes, shifts, codes + (2 * Stride)), high);
            Vector512<float> values3 = Avx512F.PermuteVar16x32x2(low, Index(bytes, shifts, codes + (3 * Stride)), high);
            Write(values0, values1, values2, values3, scales, ref to);
        }

        output = to;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static Vector512<int> Index(Vector512<byte> bytes, Vector512<byte> shifts, byte* codes)
        {
            Vector512<byte> source = Avx512BW.Shuffle(Avx512F.BroadcastVector128ToVector512((uint*)codes).AsByte(), bytes);
            return Avx512Vbmi.MultiShift(shifts, source.AsUInt64()).AsInt32();
        }
    }

    /// <summary>64 entries: a register for each of the four bytes of the floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Decode64<TOutput>(byte* codes, int steps, byte* planes, VectorScales<TOffsets> scales, ref TOutput output)
        where TOutput : struct, IOutput<Vector512<byte>>
    {
        TOutput to = output;
        Vector512<byte> bytes = ByteFields[0].Bytes, shifts = ByteFields[0].Bits;
        Vector512<byte> plane0 = Plane(planes, 0), plane1 = Plane(planes, 1), plane2 = Plane(planes, 2), plane3 = Plane(planes, 3);
        for (byte* end = codes + (steps * FusedDecoder.StepBytes(6)); codes < end; codes += FusedDecoder.StepBytes(6), scales = scales.Next)
        {
            FusedDecoder.PrefetchAhead(codes);
            Vector512<byte> index = Fields(codes, bytes, shifts);
            Interleave(Avx512Vbmi.PermuteVar64x8(plane0, index), Avx512Vbmi.PermuteVar64x8(plane1, index),
                Avx512Vbmi.PermuteVar64x8(plane2, index), Avx512Vbmi.PermuteVar64x8(plane3, index), scales, ref to);
        }

        output = to;
    }

    /// <summary>128 entries: two registers for each byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Decode128<TOutput>(byte* codes, int steps, byte* planes, VectorScales<TOffsets> scales, ref TOutput output)
        where TOutput : struct, IOutput<Vector512<byte>>
    {
        TOutput to = output;
        Vector512<byte> bytes = ByteFields[1].Bytes, shifts = ByteFields[1].Bits;
        Vector512<byte> low0 = Plane(planes, 0), low1 = Plane(planes, 1), low2 = Plane(planes, 2), low3 = Plane(planes, 3);
        Vector512<byte> high0 = Plane(planes, 0, 1), high1 = Plane(planes, 1, 1), high2 = Plane(planes, 2, 1), high3 = Plane(planes, 3, 1);
        for (byte* end = codes + (steps * FusedDecoder.StepBytes(7)); codes < end; codes += FusedDecoder.StepBytes(7), scales = scales.Next)
        {
            FusedDecoder.PrefetchAhead(codes);
            Vector512<byte> index = Fields(codes, bytes, shifts);
            Interleave(Lookup(low0, high0, index), Lookup(low1, high1, index),
                Lookup(low2, high2, index), Lookup(low3, high3, index), scales, ref to);
        }

        output = to;
    }

    /// <summary>256 entries: four registers for each byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Decode256<TOutput>(byte* codes, int steps, byte* planes, VectorScales<TOffsets> scales, ref TOutput output)
        where TOutput : struct, IOutput<Vector512<byte>>
    {
        TOutput to = output;
        Vector512<byte> bytes = ByteFields[2].Bytes;
        Vector512<byte> a0 = Plane(planes, 0), a1 = Plane(planes, 1), a2 = Plane(planes, 2), a3 = Plane(planes, 3);
        Vector512<byte> b0 = Plane(planes, 0, 1), b1 = Plane(planes, 1, 1), b2 = Plane(planes, 2, 1), b3 = Plane(planes, 3, 1);
        Vector512<byte> c0 = Plane(planes, 0, 2), c1 = Plane(planes, 1, 2), c2 = Plane(planes, 2, 2), c3 = Plane(planes, 3, 2);
        Vector512<byte> d0 = Plane(planes, 0, 3), d1 = Plane(planes, 1, 3), d2 = Plane(planes, 2, 3), d3 = Plane(planes, 3, 3);
        for (byte* end = codes + (steps * FusedDecoder.StepBytes(8)); codes < end; codes += FusedDecoder.StepBytes(8), scales = scales.Next)
        {
            FusedDecoder.PrefetchAhead(codes);
            Vector512<byte> index = Avx512Vbmi.PermuteVar64x8(Vector512.Load(codes), bytes);
            Interleave(Lookup(a0, b0, c0, d0, index), Lookup(a1, b1, c1, d1, index), Lookup(a2, b2, c2, d2, index), Lookup(a3, b3, c3, d3, index), scales, ref to);
        }

        output = to;
    }

    /// <summary>Bit 6 of a code says in which lanes the second register of 64 entries overwrites the first, bit 7 chooses between two such pairs. A
    /// permutation of two registers takes as long as two of one, and one more instruction.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<byte> Lookup(Vector512<byte> a, Vector512<byte> b, Vector512<byte> c, Vector512<byte> d, Vector512<byte> index) =>
        Avx512BW.BlendVariable(Lookup(a, b, index), Lookup(c, d, index), index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> Lookup(Vector512<byte> a, Vector512<byte> b, Vector512<byte> index) =>
        Avx512BW.BlendVariable(Avx512Vbmi.PermuteVar64x8(a, index), Avx512Vbmi.PermuteVar64x8(b, index), index + index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> Plane(byte* planes, int plane, int register = 0) => Vector512.Load(planes + (plane * PlaneLength) + (register * PlaneRegister));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> Fields(byte* codes, Vector512<byte> bytes, Vector512<byte> shifts) =>
        Avx512Vbmi.MultiShift(shifts, Avx512Vbmi.PermuteVar64x8(Vector512.Load(codes), bytes).AsUInt64());

    /// <summary>Interleaves the bytes of 64 floats, and writes them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Interleave<TOutput>(Vector512<byte> byte0, Vector512<byte> byte1, Vector512<byte> byte2, Vector512<byte> byte3, VectorScales<TOffsets> scales, ref TOutput output)
        where TOutput : struct, IOutput<Vector512<byte>>
    {
        Vector512<ushort> low01 = Avx512BW.UnpackLow(byte0, byte1).AsUInt16(), high01 = Avx512BW.UnpackHigh(byte0, byte1).AsUInt16();
        Vector512<ushort> low23 = Avx512BW.UnpackLow(byte2, byte3).AsUInt16(), high23 = Avx512BW.UnpackHigh(byte2, byte3).AsUInt16();
        Write(Avx512BW.UnpackLow(low01, low23).AsSingle(), Avx512BW.UnpackHigh(low01, low23).AsSingle(),
            Avx512BW.UnpackLow(high01, high23).AsSingle(), Avx512BW.UnpackHigh(high01, high23).AsSingle(), scales, ref output);
    }

    /// <summary>Scales 64 table entries, rounds them to the element type and writes them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Write<TOutput>(Vector512<float> entries0, Vector512<float> entries1, Vector512<float> entries2, Vector512<float> entries3, VectorScales<TOffsets> scales, ref TOutput output)
        where TOutput : struct, IOutput<Vector512<byte>>
    {
        Vector512<float> values0 = scales.Apply(entries0, 0), values1 = scales.Apply(entries1, 1);
        Vector512<float> values2 = scales.Apply(entries2, 2), values3 = scales.Apply(entries3, 3);
        if (typeof(T) == typeof(float))
        {
            output.Write(values0.AsByte(), 0);
            output.Write(values1.AsByte(), 1);
            output.Write(values2.AsByte(), 2);
            output.Write(values3.AsByte(), 3);
            output.Advance(StepVectors);
            return;
        }

        output.Write(Rounding512.To<T>(values0, values1).AsByte(), 0);
        output.Write(Rounding512.To<T>(values2, values3).AsByte(), 1);
        output.Advance(StepVectors / 2);
    }
}

/// <summary>What all kinds of <see cref="FusedDecoder{T, TOffsets}"/> share.</summary>
internal static unsafe class FusedDecoder
{
    /// <summary>Values that share a constant.</summary>
    public const int Lanes = 16;

    /// <summary>Vectors of 16 that a step takes.</summary>
    public const int StepVectors = 4;

    /// <summary>Values of a step.</summary>
    public const int StepLength = Lanes * StepVectors;

    /// <summary>So far ahead that codes have come from memory when they are decoded.</summary>
    private const int BytesAhead = 2048;

    public static bool IsSupported => Avx512Vbmi.IsSupported;

    /// <summary>Asks for the codes of a later step: one line at each, as many at once would take the buffers that streamed outputs need.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PrefetchAhead(byte* codes) => Sse.Prefetch0(codes + BytesAhead);

    /// <summary>Bytes of a step's codes.</summary>
    public static int StepBytes(int bits) => StepLength / 8 * bits;

    /// <summary>Steps whose loads end within what may be read.</summary>
    /// <param name="bits">k.</param>
    /// <param name="readable">Bytes from the first code on, beyond the codes too.</param>
    public static long FittingSteps(int bits, long readable)
    {
        int load = bits switch
        {
            <= 5 => (4 * bits) + Vector256<byte>.Count,
            _ => StepLength,
        };
        return readable < load ? 0 : ((readable - load) / StepBytes(bits)) + 1;
    }
}
