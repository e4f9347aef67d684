using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KBitQuant.DataTypes;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>Tables of up to 16 entries by bytes: the bytes of an entry are looked up one by one and then interleaved.</summary>
internal readonly unsafe struct PlaneQuad256 : IRegisterLookup256<PlaneQuad256>
{
    private const int PlaneLength = BytePlaneLookup.PlaneLength;

    // Each a register.
    private readonly Vector256<byte> _plane0;
    private readonly Vector256<byte> _plane1;
    private readonly Vector256<byte> _plane2;
    private readonly Vector256<byte> _plane3;

    private PlaneQuad256(byte* planes)
    {
        _plane0 = Avx2.BroadcastVector128ToVector256(planes);
        _plane1 = Avx2.BroadcastVector128ToVector256(planes + PlaneLength);
        _plane2 = Avx2.BroadcastVector128ToVector256(planes + (2 * PlaneLength));
        _plane3 = Avx2.BroadcastVector128ToVector256(planes + (3 * PlaneLength));
    }

    public static bool KeepsOrder => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PlaneQuad256 Of(in RowLaneBlock block) => new(block.TablePlanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Scale(in RowLaneBlock block, Vector256<float> constants) => constants;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Levels(byte* codes, bool byColumn, out Vector256<float> levels0, out Vector256<float> levels1, out Vector256<float> levels2, out Vector256<float> levels3) =>
        Levels(Codes(codes, byColumn), out levels0, out levels1, out levels2, out levels3);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Levels(Vector256<byte> codes, out Vector256<float> levels0, out Vector256<float> levels1, out Vector256<float> levels2, out Vector256<float> levels3) =>
        Interleave(
            Avx2.Shuffle(_plane0, codes), Avx2.Shuffle(_plane1, codes), Avx2.Shuffle(_plane2, codes), Avx2.Shuffle(_plane3, codes),
            out levels0, out levels1, out levels2, out levels3);

    /// <summary>Codes in the order in which <see cref="Interleave"/> makes levels of them: where columns are asked for, the bytes of each together.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Codes(byte* codes, bool byColumn) => byColumn
        ? Avx2.Shuffle(Vector256.Load(codes), Vector256.Create((byte)0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15, 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15))
        : Vector256.Load(codes);

    /// <summary>Floats of their bytes, from the lowest on; a vector has those of four neighbouring bytes of each 128 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Interleave(
        Vector256<byte> plane0, Vector256<byte> plane1, Vector256<byte> plane2, Vector256<byte> plane3,
        out Vector256<float> levels0, out Vector256<float> levels1, out Vector256<float> levels2, out Vector256<float> levels3)
    {
        Vector256<ushort> low01 = Avx2.UnpackLow(plane0, plane1).AsUInt16(), high01 = Avx2.UnpackHigh(plane0, plane1).AsUInt16();
        Vector256<ushort> low23 = Avx2.UnpackLow(plane2, plane3).AsUInt16(), high23 = Avx2.UnpackHigh(plane2, plane3).AsUInt16();
        levels0 = Avx2.UnpackLow(low01, low23).AsSingle();
        levels1 = Avx2.UnpackHigh(low01, low23).AsSingle();
        levels2 = Avx2.UnpackLow(high01, high23).AsSingle();
        levels3 = Avx2.UnpackHigh(high01, high23).AsSingle();
    }
}
