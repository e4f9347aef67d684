using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KBitQuant.DataTypes;
using KBitQuant.Packing;

namespace KBitQuant.Quantization;

/// <summary>
/// Tables of up to 32 entries with AVX2, scaled and rounded to the element type once a block: plane p of 16 of them holds byte p of
/// each. The bytes of 32 values are looked up a plane at a time, and interleaved. Their codes come straight from the stream.
/// </summary>
/// <typeparam name="T">Half, BFloat16 or float.</typeparam>
internal static unsafe class ScaledPlanes<T>
    where T : unmanaged
{
    /// <summary>Up to here two look-ups reach the table.</summary>
    private const int MaxBits = 5;

    /// <summary>Codes that are looked up at once.</summary>
    public const int StepLength = 32;

    private const int Lanes = 8;
    private const int PlaneEntries = 16;

    /// <summary>The fields of up to 4 bits, all in both halves' 16 bytes, in the order that interleaving within 128 bits brings into that
    /// of the values.</summary>
    private static readonly FieldWords[] Fields16 = [default, .. Enumerable.Range(1, MaxBits - 1).Select(bits => FieldWords.Of(bits, Order()))];

    private static readonly NibbleFields Fields4 = new(Order());

    private static readonly FieldWords Fields32 = FieldWords.Of(MaxBits);

    /// <summary>Whether a type's codes are looked up so. Floats of others take fewer instructions by <see cref="FloatDecoder"/>.</summary>
    public static bool Suits(DataType type) => Avx2.IsSupported && (typeof(T) == typeof(float) ? type is { Bits: 3 or 4, Even: null } : type.Bits <= MaxBits);

    /// <summary>Decodes blocks.</summary>
    /// <param name="codes">The packed codes; <see cref="FittingSteps"/> says how many steps may be read.</param>
    /// <param name="blocks">How many blocks.</param>
    /// <param name="blockSize">Codes of a block, a multiple of <see cref="StepLength"/>.</param>
    /// <param name="bits">k, of a type that <see cref="Suits"/> tells.</param>
    /// <param name="table">The table (<see cref="DataType.Lookup"/>).</param>
    /// <param name="constants">A constant for each block.</param>
    /// <param name="offsets">An offset for each block, or null.</param>
    /// <param name="output">Receives the values, which <see cref="Rounding"/> must be able to round where they are rounded to 16 bits.</param>
    public static void Decode<TOutput>(byte* codes, int blocks, int blockSize, int bits, float* table, float* constants, float* offsets, ref TOutput output)
        where TOutput : struct, IOutput<Vector256<byte>>
    {
        switch (bits)
        {
            case MaxBits:
                Decode(codes, blocks, blockSize, bits, Fields32, table, constants, offsets, ref output);
                break;
            case NibbleFields.Bits:
                Decode(codes, blocks, blockSize, bits, Fields4, table, constants, offsets, ref output);
                break;
            default:
                Decode(codes, blocks, blockSize, bits, Fields16[bits], table, constants, offsets, ref output);
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Decode<TFields, TOutput>(byte* codes, int blocks, int blockSize, int bits, TFields fields, float* table, float* constants, float* offsets, ref TOutput output)
        where TFields : struct, IFields256
        where TOutput : struct, IOutput<Vector256<byte>>
    {
        TOutput to = output;
        int steps = blockSize / StepLength;
        for (int block = 0; block < blocks; block++, codes += blockSize / BitPacking.GroupLength * bits)
        {
            Vector256<float> constant = Vector256.Create(constants[block] * Rounding.Scale<T>());
            // Adding -0 changes nothing, not even the sign of a zero.
            float added = offsets is null ? 0 : offsets[block];
            Vector256<float> offset = Vector256.Create(added == 0 ? -0f : added * Rounding.Scale<T>());
            if (bits < MaxBits)
                Decode16(codes, fields, steps, StepLength / BitPacking.GroupLength * bits, table, constant, offset, ref to);
            else
                Decode32(codes, fields, steps, table, constant, offset, ref to);
        }

        output = to;
    }

    /// <summary>Steps whose loads end within what may be read.</summary>
    public static long FittingSteps(int bits, long readable)
    {
        int step = StepLength / BitPacking.GroupLength * bits;
        int load = (bits < MaxBits ? 0 : step / 2) + Vector128<byte>.Count;
        return readable < load ? 0 : ((readable - load) / step) + 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Decode16<TFields, TOutput>(byte* codes, TFields fields, int steps, int stepBytes, float* table, Vector256<float> constants, Vector256<float> offsets, ref TOutput output)
        where TFields : struct, IFields256
        where TOutput : struct, IOutput<Vector256<byte>>
    {
        Split(table, constants, offsets, out Vector256<byte> plane0, out Vector256<byte> plane1, out Vector256<byte> plane2, out Vector256<byte> plane3);
        for (int i = 0; i < steps; i++, codes += stepBytes)
        {
            Vector256<byte> index = fields.Unpack(Avx2.BroadcastVector128ToVector256(codes));
            if (typeof(T) == typeof(float))
                Write(Avx2.Shuffle(plane0, index), Avx2.Shuffle(plane1, index), Avx2.Shuffle(plane2, index), Avx2.Shuffle(plane3, index), ref output);
            else
                Write(Avx2.Shuffle(plane0, index), Avx2.Shuffle(plane1, index), ref output);
        }
    }

    /// <summary>16-bit elements. Bit 4 of a code, moved to bit 7, chooses between two look-ups.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Decode32<TFields, TOutput>(byte* codes, TFields fields, int steps, float* table, Vector256<float> constants, Vector256<float> offsets, ref TOutput output)
        where TFields : struct, IFields256
        where TOutput : struct, IOutput<Vector256<byte>>
    {
        const int HalfBytes = StepLength / 2 / BitPacking.GroupLength * MaxBits;
        Split(table, constants, offsets, out Vector256<byte> low0, out Vector256<byte> low1, out _, out _);
        Split(table + PlaneEntries, constants, offsets, out Vector256<byte> high0, out Vector256<byte> high1, out _, out _);
        for (int i = 0; i < steps; i++, codes += 2 * HalfBytes)
        {
            // In the order that interleaving within 128 bits brings into that of the values.
            Vector256<byte> stream = fields.Unpack(Vector256.Create(Vector128.Load(codes), Vector128.Load(codes + HalfBytes)));
            Vector256<byte> index = Avx2.Permute4x64(stream.AsInt64(), 0b11_01_10_00).AsByte();
            Vector256<byte> isHigh = (index.AsUInt16() << 3).AsByte();
            Vector256<byte> byte0 = Avx2.BlendVariable(Avx2.Shuffle(low0, index), Avx2.Shuffle(high0, index), isHigh);
            Vector256<byte> byte1 = Avx2.BlendVariable(Avx2.Shuffle(low1, index), Avx2.Shuffle(high1, index), isHigh);
            Write(byte0, byte1, ref output);
        }
    }

    /// <summary>Scales and rounds 16 entries, and splits them into planes, each of them twice in a register; planes 2 and 3 are those of
    /// floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Split(float* entries, Vector256<float> constants, Vector256<float> offsets,
        out Vector256<byte> plane0, out Vector256<byte> plane1, out Vector256<byte> plane2, out Vector256<byte> plane3)
    {
        Vector256<float> first8 = Avx.LoadVector256(entries), last8 = Avx.LoadVector256(entries + Lanes);
        if (typeof(T) == typeof(float))
        {
            Vector256<float> low = (first8 * constants) + offsets, high = (last8 * constants) + offsets;
            // Of four entries bytes 0, then bytes 1, then bytes 2, then bytes 3.
            var bytes = Vector256.Create((byte)0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15, 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
            Vector256<uint> quads01 = Avx2.Shuffle(low.AsByte(), bytes).AsUInt32();
            Vector256<uint> quads23 = Avx2.Shuffle(high.AsByte(), bytes).AsUInt32();
            // The registers hold entries 0-3 and 4-7, 8-11 and 12-15.
            Vector256<int> inOrder = Vector256.Create(0, 4, 1, 5, 2, 6, 3, 7);
            Vector256<byte> planes01 = Avx2.PermuteVar8x32(Avx2.UnpackLow(quads01, quads23).AsInt32(), inOrder).AsByte();
            Vector256<byte> planes23 = Avx2.PermuteVar8x32(Avx2.UnpackHigh(quads01, quads23).AsInt32(), inOrder).AsByte();
            plane0 = Avx2.Permute2x128(planes01, planes01, 0x00);
            plane1 = Avx2.Permute2x128(planes01, planes01, 0x11);
            plane2 = Avx2.Permute2x128(planes23, planes23, 0x00);
            plane3 = Avx2.Permute2x128(planes23, planes23, 0x11);
        }
        else
        {
            Vector256<float> even = (Avx.Shuffle(first8, last8, 0b10_00_10_00) * constants) + offsets;
            Vector256<float> odd = (Avx.Shuffle(first8, last8, 0b11_01_11_01) * constants) + offsets;
            // Entries 0-3 and 8-11, 4-7 and 12-15: of eight bytes 0, then bytes 1.
            var bytes = Vector256.Create((byte)0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15, 0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15);
            Vector256<int> planes = Avx2.Shuffle(Rounding256.Interleave<T>(even, odd).AsByte(), bytes).AsInt32();
            plane0 = Avx2.PermuteVar8x32(planes, Vector256.Create(0, 4, 1, 5, 0, 4, 1, 5)).AsByte();
            plane1 = Avx2.PermuteVar8x32(planes, Vector256.Create(2, 6, 3, 7, 2, 6, 3, 7)).AsByte();
            plane2 = plane3 = default;
        }
    }

    /// <summary>For each byte of a register of codes, whose of 32 values it is: interleaving makes a register of the first bytes of both
    /// halves, then of the next ones.</summary>
    private static int[] Order()
    {
        int halfLength = Vector128<byte>.Count / sizeof(T);
        return [.. Enumerable.Range(0, StepLength).Select(i => Math.DivRem(i, Vector128<byte>.Count)).Select(place =>
            (place.Remainder / halfLength * 2 * halfLength) + (place.Quotient * halfLength) + (place.Remainder % halfLength))];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write<TOutput>(Vector256<byte> byte0, Vector256<byte> byte1, ref TOutput output)
        where TOutput : struct, IOutput<Vector256<byte>>
    {
        output.Write(Avx2.UnpackLow(byte0, byte1), 0);
        output.Write(Avx2.UnpackHigh(byte0, byte1), 1);
        output.Advance(2);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write<TOutput>(Vector256<byte> byte0, Vector256<byte> byte1, Vector256<byte> byte2, Vector256<byte> byte3, ref TOutput output)
        where TOutput : struct, IOutput<Vector256<byte>>
    {
        Vector256<ushort> low01 = Avx2.UnpackLow(byte0, byte1).AsUInt16(), high01 = Avx2.UnpackHigh(byte0, byte1).AsUInt16();
        Vector256<ushort> low23 = Avx2.UnpackLow(byte2, byte3).AsUInt16(), high23 = Avx2.UnpackHigh(byte2, byte3).AsUInt16();
        output.Write(Avx2.UnpackLow(low01, low23).AsByte(), 0);
        output.Write(Avx2.UnpackHigh(low01, low23).AsByte(), 1);
        output.Write(Avx2.UnpackLow(high01, high23).AsByte(), 2);
        output.Write(Avx2.UnpackHigh(high01, high23).AsByte(), 3);
        output.Advance(4);
    }
}
