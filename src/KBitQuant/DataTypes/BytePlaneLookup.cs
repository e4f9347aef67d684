using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KBitQuant.Numerics;

namespace KBitQuant.DataTypes;

/// <summary>
/// Looks up 64 codes at once in tables of up to 256 floats with AVX-512 VBMI: the table is kept as four planes, plane p holding byte p
/// of every entry; each plane is looked up by byte permutation, and the four results are interleaved to floats.
/// </summary>
internal static unsafe class BytePlaneLookup
{
    /// <summary>Bytes of a plane.</summary>
    public const int PlaneLength = 256;

    private const int Lanes = 64;

    /// <summary>Dword 4L + j of the codes comes from dword 4j + L: interleaving works within 128 bits, and this transposition makes
    /// its results come out in order.</summary>
    private static readonly Vector512<int> Transposed = Vector512.Create(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);

    public static bool IsSupported => Avx512Vbmi.IsSupported;

    /// <summary>The planes of a table of 256 entries.</summary>
    public static byte[] PlanesOf(ReadOnlySpan<float> table)
    {
        var planes = new byte[sizeof(float) * PlaneLength];
        for (int entry = 0; entry < table.Length; entry++)
        {
            uint bits = BitConverter.SingleToUInt32Bits(table[entry]);
            for (int plane = 0; plane < sizeof(float); plane++)
                planes[(plane * PlaneLength) + entry] = (byte)(bits >> (8 * plane));
        }

        return planes;
    }

    /// <summary>Writes constant * table[code] + offset for all whole groups of 64 codes.</summary>
    /// <returns>How many are done.</returns>
    public static int Decode(byte* source, int length, byte* planes, float constant, float offset, float* destination)
    {
        Vector512<float> constants = Vector512.Create(constant);
        Vector512<float> offsets = Vector512.Create(offset);
        bool hasOffset = offset != 0;
        int i = 0;
        for (; i <= length - Lanes; i += Lanes)
        {
            Vector512<byte> codes = Avx512F.PermuteVar16x32(Vector512.Load(source + i).AsInt32(), Transposed).AsByte();
            Vector512<byte> plane0 = Lookup(planes, codes);
            Vector512<byte> plane1 = Lookup(planes + PlaneLength, codes);
            Vector512<byte> plane2 = Lookup(planes + (2 * PlaneLength), codes);
            Vector512<byte> plane3 = Lookup(planes + (3 * PlaneLength), codes);
            Vector512<ushort> lowHalves01 = Avx512BW.UnpackLow(plane0, plane1).AsUInt16();
            Vector512<ushort> highHalves01 = Avx512BW.UnpackHigh(plane0, plane1).AsUInt16();
            Vector512<ushort> lowHalves23 = Avx512BW.UnpackLow(plane2, plane3).AsUInt16();
            Vector512<ushort> highHalves23 = Avx512BW.UnpackHigh(plane2, plane3).AsUInt16();
            Store(Avx512BW.UnpackLow(lowHalves01, lowHalves23), destination + i);
            Store(Avx512BW.UnpackHigh(lowHalves01, lowHalves23), destination + i + 16);
            Store(Avx512BW.UnpackLow(highHalves01, highHalves23), destination + i + 32);
            Store(Avx512BW.UnpackHigh(highHalves01, highHalves23), destination + i + 48);
        }

        return i;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        void Store(Vector512<ushort> entries, float* to)
        {
            Vector512<float> product = Avx512F.Multiply(entries.AsSingle(), constants);
            (hasOffset ? Avx512F.Add(product, offsets) : product).Store(to);
        }
    }

    /// <summary>A permutation reaches 64 entries, one of two registers 128; bit 7 of a code chooses between two such.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Lookup(byte* plane, Vector512<byte> codes) =>
        Avx512BW.BlendVariable(Lookup128(plane, codes), Lookup128(plane + 128, codes), codes);

    /// <summary>On Intel's processors a permutation of two registers takes as long as two, and one more instruction: there bit 6 of a code says in
    /// which lanes the second one overwrites the first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> Lookup128(byte* plane, Vector512<byte> codes)
    {
        Vector512<byte> low = Vector512.Load(plane), high = Vector512.Load(plane + 64);
        return ProcessorVendor.IsAmd
            ? Avx512Vbmi.PermuteVar64x8x2(low, codes, high)
            : Avx512BW.BlendVariable(Avx512Vbmi.PermuteVar64x8(low, codes), Avx512Vbmi.PermuteVar64x8(high, codes), codes + codes);
    }
}
