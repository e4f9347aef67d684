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
    public static int Decode(byte* source, int length, byte* planes, float constant, float offset, float* destination) => ProcessorVendor.IsAmd
        ? Decode<TwoRegisterPermutation>(source, length, planes, constant, offset, destination)
        : Decode<MaskedPermutation>(source, length, planes, constant, offset, destination);

    /// <summary>Bit 7 of a code chooses between two looked up among 128.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Lookup<TPermutation>(byte* plane, Vector512<byte> codes)
        where TPermutation : struct, IBytePermutation =>
        Avx512BW.BlendVariable(TPermutation.Of128(plane, codes), TPermutation.Of128(plane + 128, codes), codes);

    private static int Decode<TPermutation>(byte* source, int length, byte* planes, float constant, float offset, float* destination)
        where TPermutation : struct, IBytePermutation
    {
        Vector512<float> constants = Vector512.Create(constant);
        Vector512<float> offsets = Vector512.Create(offset);
        bool hasOffset = offset != 0;
        int i = 0;
        for (; i <= length - Lanes; i += Lanes)
        {
            Vector512<byte> codes = Avx512F.PermuteVar16x32(Vector512.Load(source + i).AsInt32(), Transposed).AsByte();
            Vector512<byte> plane0 = Lookup<TPermutation>(planes, codes);
            Vector512<byte> plane1 = Lookup<TPermutation>(planes + PlaneLength, codes);
            Vector512<byte> plane2 = Lookup<TPermutation>(planes + (2 * PlaneLength), codes);
            Vector512<byte> plane3 = Lookup<TPermutation>(planes + (3 * PlaneLength), codes);
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
}
