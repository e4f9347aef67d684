using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KBitQuant.Packing;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>Moves through the planes of <see cref="RowLaneLayout"/> in registers of 16 lanes.</summary>
internal static unsafe class CodePlanes512<TWidth>
    where TWidth : struct, ICodeWidth
{
    private const int Lanes = RowLaneLayout.Lanes;
    private const int CacheLine = 64;
    private const int PrefetchDistance = 1024;

    /// <summary>Brings the planes to a quad; quads are taken in order. A plane has gone full circle after the columns of one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ToQuad(byte* unit, int quad, ref Vector512<uint> low, ref Vector512<uint> mid, ref Vector512<uint> top)
    {
        low = PlaneToQuad(unit, 0, TWidth.LowBits, quad, low);
        if (TWidth.MiddleBits > 0)
            mid = PlaneToQuad(unit, TWidth.LowBits, TWidth.MiddleBits, quad, mid);
        if (TWidth.HasHighPlane)
            top = PlaneToQuad(unit, TWidth.LowBits + TWidth.MiddleBits, 1, quad, top);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> PlaneToQuad(byte* unit, int firstDword, int width, int quad, Vector512<uint> plane)
    {
        int quads = 8 / width;
        if (quad % quads == 0)
            return Avx512F.LoadVector512((uint*)unit + ((firstDword + (quad / quads)) * Lanes));
        // Literals: a count the compiler does not see as constant early goes through memory.
        return width == 1 ? Avx512F.RotateRight(plane, 1) : width == 2 ? Avx512F.RotateRight(plane, 2) : Avx512F.RotateRight(plane, 4);
    }

    /// <summary>A unit has k lines, one prefetched with each of its first k quads: the processor's own prefetching loses the
    /// four streams where planes are read out of order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(byte* codes0, byte* codes1, byte* codes2, byte* codes3, int line)
    {
        if (line >= TWidth.Bits)
            return;
        int ahead = PrefetchDistance + (line * CacheLine);
        Sse.Prefetch0(codes0 + ahead);
        Sse.Prefetch0(codes1 + ahead);
        Sse.Prefetch0(codes2 + ahead);
        Sse.Prefetch0(codes3 + ahead);
    }

    /// <summary>The same for one stream, so many bytes ahead.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(byte* codes, int line, long ahead)
    {
        if (line < TWidth.Bits)
            Sse.Prefetch0(codes + ahead + (line * CacheLine));
    }

    /// <summary>The four codes of the current quad, one in each byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> QuadCodes(Vector512<uint> low, Vector512<uint> mid, Vector512<uint> top)
    {
        Vector512<uint> codes = Join(low, mid, top);
        return (TWidth.Bits == 8 ? codes : codes & EachByte((1u << TWidth.Bits) - 1)).AsByte();
    }

    /// <summary>The same with other bits above the codes. One ternary-logic operation joins two planes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Join(Vector512<uint> low, Vector512<uint> mid, Vector512<uint> top)
    {
        if (TWidth.MiddleBits == 0)
            return low;
        Vector512<uint> upper = TWidth.HasHighPlane ? Vector512.ConditionalSelect(EachByte(0x3F), mid, top) : mid;
        return Vector512.ConditionalSelect(EachByte((1u << TWidth.LowBits) - 1), low, upper);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> EachByte(uint value) => Vector512.Create(value * 0x0101_0101u);
}
