using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KBitQuant.DataTypes;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>Tables of 32 and 64 entries as <see cref="PlaneQuad256"/>, of which the higher bits of a code choose one.</summary>
internal readonly unsafe struct LargePlaneQuad256<TWidth> : IQuadLookup256<LargePlaneQuad256<TWidth>>
    where TWidth : struct, ICodeWidth
{
    private const int PlaneLength = BytePlaneLookup.PlaneLength;
    private const int Permuted = 16;

    private readonly byte* _planes;

    private LargePlaneQuad256(byte* planes) => _planes = planes;

    public static bool KeepsOrder
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LargePlaneQuad256<TWidth> Of(in RowLaneBlock block) => new(block.TablePlanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Scale(in RowLaneBlock block, Vector256<float> constants) => constants;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Levels(Vector256<byte> codes, out Vector256<float> levels0, out Vector256<float> levels1, out Vector256<float> levels2, out Vector256<float> levels3)
    {
        // The bits that choose, moved to the signs of the bytes.
        Vector256<byte> bit4 = (codes.AsUInt16() << 3).AsByte(), bit5 = (codes.AsUInt16() << 2).AsByte();
        Vector256<byte> plane0 = Lookup(_planes, codes, bit4, bit5);
        Vector256<byte> plane1 = Lookup(_planes + PlaneLength, codes, bit4, bit5);
        Vector256<byte> plane2 = Lookup(_planes + (2 * PlaneLength), codes, bit4, bit5);
        Vector256<byte> plane3 = Lookup(_planes + (3 * PlaneLength), codes, bit4, bit5);
        PlaneQuad256.Interleave(plane0, plane1, plane2, plane3, out levels0, out levels1, out levels2, out levels3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Lookup(byte* plane, Vector256<byte> codes, Vector256<byte> bit4, Vector256<byte> bit5) => TWidth.Bits == 5
        ? Lookup32(plane, codes, bit4)
        : Avx2.BlendVariable(Lookup32(plane, codes, bit4), Lookup32(plane + (2 * Permuted), codes, bit4), bit5);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Lookup32(byte* plane, Vector256<byte> codes, Vector256<byte> bit4) =>
        Avx2.BlendVariable(Lookup16(plane, codes), Lookup16(plane + Permuted, codes), bit4);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Lookup16(byte* plane, Vector256<byte> codes) => Avx2.Shuffle(Avx2.BroadcastVector128ToVector256(plane), codes);
}
