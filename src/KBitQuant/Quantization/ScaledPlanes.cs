using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KBitQuant.Numerics;

namespace KBitQuant.Quantization;

/// <summary>
/// Tables of up to 32 entries with AVX2, scaled and rounded to the element type once a block: plane p of 16 of them holds byte p of
/// each. The bytes of 32 values are looked up a plane at a time, and interleaved.
/// </summary>
/// <typeparam name="T">Half, BFloat16 or float.</typeparam>
internal static unsafe class ScaledPlanes<T>
    where T : unmanaged
{
    /// <summary>Up to here two look-ups reach the table.</summary>
    public const int MaxBits = 5;

    /// <summary>Codes that are looked up at once.</summary>
    public const int StepLength = 32;

    private const int Lanes = 8;
    private const int PlaneEntries = 16;

    public static bool IsSupported => Avx2.IsSupported;

    /// <summary>Decodes blocks of codes, one a byte.</summary>
    /// <param name="codes">The codes.</param>
    /// <param name="blocks">How many blocks.</param>
    /// <param name="blockSize">Codes of a block, a multiple of <see cref="StepLength"/>.</param>
    /// <param name="bits">k, up to <see cref="MaxBits"/>.</param>
    /// <param name="table">The table (<see cref="DataTypes.DataType.Lookup"/>).</param>
    /// <param name="constants">A constant for each block.</param>
    /// <param name="offsets">An offset for each block, or null.</param>
    /// <param name="destination">Receives the values.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Decode(byte* codes, int blocks, int blockSize, int bits, float* table, float* constants, float* offsets, T* destination)
    {
        for (int block = 0; block < blocks; block++, codes += blockSize, destination += blockSize)
        {
            Vector256<float> constant = Vector256.Create(constants[block]);
            // Adding -0 changes nothing, not even the sign of a zero.
            float added = offsets is null ? 0 : offsets[block];
            Vector256<float> offset = Vector256.Create(added == 0 ? -0f : added);
            if (bits < MaxBits)
                Decode16(codes, blockSize, table, constant, offset, destination);
            else
                Decode32(codes, blockSize, table, constant, offset, destination);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Decode16(byte* codes, int length, float* table, Vector256<float> constants, Vector256<float> offsets, T* destination)
    {
        Split(table, constants, offsets, out Vector256<byte> plane0, out Vector256<byte> plane1, out Vector256<byte> plane2, out Vector256<byte> plane3);
        for (int i = 0; i < length; i += StepLength)
        {
            Vector256<byte> index = Load(codes + i);
            OutputPrefetch.Ahead(destination + i);
            if (typeof(T) == typeof(float))
                OutputPrefetch.Ahead(destination + i + (StepLength / 2));
            if (typeof(T) == typeof(float))
                Store(Avx2.Shuffle(plane0, index), Avx2.Shuffle(plane1, index), Avx2.Shuffle(plane2, index), Avx2.Shuffle(plane3, index), (float*)(destination + i));
            else
                Store(Avx2.Shuffle(plane0, index), Avx2.Shuffle(plane1, index), (ushort*)(destination + i));
        }
    }

    /// <summary>Bit 4 of a code, moved to bit 7, chooses between two look-ups.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Decode32(byte* codes, int length, float* table, Vector256<float> constants, Vector256<float> offsets, T* destination)
    {
        Split(table, constants, offsets, out Vector256<byte> low0, out Vector256<byte> low1, out Vector256<byte> low2, out Vector256<byte> low3);
        Split(table + PlaneEntries, constants, offsets, out Vector256<byte> high0, out Vector256<byte> high1, out Vector256<byte> high2, out Vector256<byte> high3);
        for (int i = 0; i < length; i += StepLength)
        {
            Vector256<byte> index = Load(codes + i);
            OutputPrefetch.Ahead(destination + i);
            if (typeof(T) == typeof(float))
                OutputPrefetch.Ahead(destination + i + (StepLength / 2));
            Vector256<byte> isHigh = (index.AsUInt16() << 3).AsByte();
            Vector256<byte> byte0 = Avx2.BlendVariable(Avx2.Shuffle(low0, index), Avx2.Shuffle(high0, index), isHigh);
            Vector256<byte> byte1 = Avx2.BlendVariable(Avx2.Shuffle(low1, index), Avx2.Shuffle(high1, index), isHigh);
            if (typeof(T) == typeof(float))
            {
                Vector256<byte> byte2 = Avx2.BlendVariable(Avx2.Shuffle(low2, index), Avx2.Shuffle(high2, index), isHigh);
                Vector256<byte> byte3 = Avx2.BlendVariable(Avx2.Shuffle(low3, index), Avx2.Shuffle(high3, index), isHigh);
                Store(byte0, byte1, byte2, byte3, (float*)(destination + i));
            }
            else
            {
                Store(byte0, byte1, (ushort*)(destination + i));
            }
        }
    }

    /// <summary>Scales and rounds 16 entries, and splits them into planes, each of them twice in a register; planes 2 and 3 are those of
    /// floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Split(float* entries, Vector256<float> constants, Vector256<float> offsets,
        out Vector256<byte> plane0, out Vector256<byte> plane1, out Vector256<byte> plane2, out Vector256<byte> plane3)
    {
        // Of four entries bytes 0, then bytes 1, then bytes 2, then bytes 3.
        var bytes = Vector256.Create((byte)0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15, 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
        Vector256<uint> quads01 = Avx2.Shuffle(Scale(entries, constants, offsets).AsByte(), bytes).AsUInt32();
        Vector256<uint> quads23 = Avx2.Shuffle(Scale(entries + Lanes, constants, offsets).AsByte(), bytes).AsUInt32();
        // The registers hold entries 0-3 and 4-7, 8-11 and 12-15.
        Vector256<int> inOrder = Vector256.Create(0, 4, 1, 5, 2, 6, 3, 7);
        Vector256<byte> planes01 = Avx2.PermuteVar8x32(Avx2.UnpackLow(quads01, quads23).AsInt32(), inOrder).AsByte();
        Vector256<byte> planes23 = Avx2.PermuteVar8x32(Avx2.UnpackHigh(quads01, quads23).AsInt32(), inOrder).AsByte();
        plane0 = Avx2.Permute2x128(planes01, planes01, 0x00);
        plane1 = Avx2.Permute2x128(planes01, planes01, 0x11);
        plane2 = Avx2.Permute2x128(planes23, planes23, 0x00);
        plane3 = Avx2.Permute2x128(planes23, planes23, 0x11);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Scale(float* entries, Vector256<float> constants, Vector256<float> offsets)
    {
        Vector256<float> scaled = (Avx.LoadVector256(entries) * constants) + offsets;
        return typeof(T) == typeof(float) ? scaled.AsUInt32() : Elements.Round<T>(scaled);
    }

    /// <summary>32 codes in the order that interleaving within 128 bits brings into that of the values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Load(byte* codes) => typeof(T) == typeof(float)
        ? Avx2.PermuteVar8x32(Vector256.Load(codes).AsInt32(), Vector256.Create(0, 2, 4, 6, 1, 3, 5, 7)).AsByte()
        : Avx2.Permute4x64(Vector256.Load(codes).AsInt64(), 0b11_01_10_00).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<byte> byte0, Vector256<byte> byte1, ushort* destination)
    {
        Avx2.UnpackLow(byte0, byte1).AsUInt16().Store(destination);
        Avx2.UnpackHigh(byte0, byte1).AsUInt16().Store(destination + (2 * Lanes));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<byte> byte0, Vector256<byte> byte1, Vector256<byte> byte2, Vector256<byte> byte3, float* destination)
    {
        Vector256<ushort> low01 = Avx2.UnpackLow(byte0, byte1).AsUInt16(), high01 = Avx2.UnpackHigh(byte0, byte1).AsUInt16();
        Vector256<ushort> low23 = Avx2.UnpackLow(byte2, byte3).AsUInt16(), high23 = Avx2.UnpackHigh(byte2, byte3).AsUInt16();
        Avx2.UnpackLow(low01, low23).AsSingle().Store(destination);
        Avx2.UnpackHigh(low01, low23).AsSingle().Store(destination + Lanes);
        Avx2.UnpackLow(high01, high23).AsSingle().Store(destination + (2 * Lanes));
        Avx2.UnpackHigh(high01, high23).AsSingle().Store(destination + (3 * Lanes));
    }
}
