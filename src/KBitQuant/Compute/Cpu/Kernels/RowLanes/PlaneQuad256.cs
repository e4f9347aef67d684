using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>Tables of up to 64 entries by bytes: a permutation reaches 16 entries, and the higher bits of a code choose among several; the
/// bytes of an entry are then interleaved.</summary>
internal readonly unsafe struct PlaneQuad256<TWidth> : IQuadLookup256<PlaneQuad256<TWidth>>
    where TWidth : struct, ICodeWidth
{
    private const int PlaneLength = 256;
    private const int Permuted = 16;

    private readonly byte* _planes;

    private PlaneQuad256(byte* planes) => _planes = planes;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PlaneQuad256<TWidth> Of(in RowLaneBlock block) => new(block.TablePlanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Scale(in RowLaneBlock block, Vector256<float> constants) => constants;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Levels(Vector256<byte> codes, out Vector256<float> column0, out Vector256<float> column1, out Vector256<float> column2, out Vector256<float> column3)
    {
        // The bytes of a column are brought together first: interleaving makes floats of neighbouring bytes.
        codes = Avx2.Shuffle(codes, Vector256.Create(
            (byte)0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15, 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15));
        // The bits that choose, moved to the signs of the bytes.
        Vector256<byte> bit4 = (codes.AsUInt16() << 3).AsByte(), bit5 = (codes.AsUInt16() << 2).AsByte();
        Vector256<byte> plane0 = Lookup(_planes, codes, bit4, bit5);
        Vector256<byte> plane1 = Lookup(_planes + PlaneLength, codes, bit4, bit5);
        Vector256<byte> plane2 = Lookup(_planes + (2 * PlaneLength), codes, bit4, bit5);
        Vector256<byte> plane3 = Lookup(_planes + (3 * PlaneLength), codes, bit4, bit5);
        Vector256<ushort> low01 = Avx2.UnpackLow(plane0, plane1).AsUInt16(), high01 = Avx2.UnpackHigh(plane0, plane1).AsUInt16();
        Vector256<ushort> low23 = Avx2.UnpackLow(plane2, plane3).AsUInt16(), high23 = Avx2.UnpackHigh(plane2, plane3).AsUInt16();
        column0 = Avx2.UnpackLow(low01, low23).AsSingle();
        column1 = Avx2.UnpackHigh(low01, low23).AsSingle();
        column2 = Avx2.UnpackLow(high01, high23).AsSingle();
        column3 = Avx2.UnpackHigh(high01, high23).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Lookup(byte* plane, Vector256<byte> codes, Vector256<byte> bit4, Vector256<byte> bit5) => TWidth.Bits switch
    {
        <= 4 => Lookup16(plane, codes),
        5 => Lookup32(plane, codes, bit4),
        _ => Avx2.BlendVariable(Lookup32(plane, codes, bit4), Lookup32(plane + (2 * Permuted), codes, bit4), bit5),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Lookup32(byte* plane, Vector256<byte> codes, Vector256<byte> bit4) =>
        Avx2.BlendVariable(Lookup16(plane, codes), Lookup16(plane + Permuted, codes), bit4);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Lookup16(byte* plane, Vector256<byte> codes) => Avx2.Shuffle(Avx2.BroadcastVector128ToVector256(plane), codes);
}
