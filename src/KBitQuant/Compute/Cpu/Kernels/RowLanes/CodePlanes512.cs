using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KBitQuant.Numerics;
using KBitQuant.Packing;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>The planes of <see cref="RowLaneLayout"/> in registers of 16 lanes. Callers write the four quads of half a unit out: each has other
/// rotations, and the compiler unrolls no such loop.</summary>
internal static unsafe class CodePlanes512<TWidth>
    where TWidth : struct, ICodeWidth
{
    /// <summary>Quads of half a unit.</summary>
    public const int HalfQuads = RowLaneLayout.UnitQuads / 2;

    private const int Lanes = RowLaneLayout.Lanes;
    private const int SecondLevelDistance = 8192;
    private const int FirstLevelDistance = 2048;
    private const int LoopLines = 4;

    /// <summary>A quad's four codes, one in each byte, with other bits above them. Where the quad is a constant to the compiler, a rotation for
    /// each plane is left, and a ternary-logic operation that joins two planes.</summary>
    /// <param name="unit">The unit.</param>
    /// <param name="half">0 or 1.</param>
    /// <param name="quad">0 to 3, within the half.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Quad(byte* unit, int half, int quad)
    {
        if (TWidth.Bits == 3)
            return ThreeBits(unit, (half * HalfQuads) + quad);
        Vector512<uint> low = Field(unit, 0, TWidth.LowBits, half, quad);
        if (TWidth.MiddleBits == 0)
            return low;
        Vector512<uint> upper = Field(unit, TWidth.LowBits, TWidth.MiddleBits, half, quad);
        if (TWidth.HasHighPlane)
            upper = Vector512.ConditionalSelect(EachByte(0x3F), upper, Field(unit, TWidth.LowBits + TWidth.MiddleBits, 1, half, quad));
        return Vector512.ConditionalSelect(EachByte((1u << TWidth.LowBits) - 1), low, upper);
    }

    /// <summary>The same without the bits above.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Codes(byte* unit, int half, int quad)
    {
        Vector512<uint> codes = Quad(unit, half, quad);
        return (TWidth.Bits == 8 ? codes : codes & EachByte((1u << TWidth.Bits) - 1)).AsByte();
    }

    /// <summary>A unit, so many bytes ahead: it has k lines.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(byte* unit, long ahead)
    {
        for (int line = 0; line < TWidth.Bits; line++)
            Sse.Prefetch0(unit + ahead + (line * CacheLine.Bytes));
    }

    /// <summary>What comes after a unit in a stream of them: from memory to the L2 cache, which can wait for three times as many lines as the L1
    /// cache, and from there to the L1 cache.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PrefetchStream(byte* unit)
    {
        // Two loops: one of more turns is not unrolled, and its counting would take ports that the products need.
        for (int line = 0; line < Math.Min(TWidth.Bits, LoopLines); line++)
            PrefetchLine(unit, line);
        for (int line = LoopLines; line < TWidth.Bits; line++)
            PrefetchLine(unit, line);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PrefetchLine(byte* unit, int line)
    {
        // From the unit on: the address of the line as a step in between would be computed, too.
        Sse.Prefetch1(unit + ((line * CacheLine.Bytes) + SecondLevelDistance));
        Sse.Prefetch0(unit + ((line * CacheLine.Bytes) + FirstLevelDistance));
    }

    /// <summary>Six quads are in fields of three dwords, whose fourth bits are the other two quads.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> ThreeBits(byte* unit, int quad)
    {
        if (quad < 6)
            return Half(Avx512F.LoadVector512((uint*)unit + (quad / 2 * Lanes)), quad);
        Vector512<uint> bit0 = Avx512F.ShiftRightLogical(Avx512F.LoadVector512((uint*)unit), 3);
        Vector512<uint> bit1 = Avx512F.ShiftRightLogical(Avx512F.LoadVector512((uint*)unit + Lanes), 2);
        Vector512<uint> bit2 = Avx512F.ShiftRightLogical(Avx512F.LoadVector512((uint*)unit + (2 * Lanes)), 1);
        Vector512<uint> bits01 = Vector512.ConditionalSelect(EachByte(0x11), bit0, bit1);
        return Half(Vector512.ConditionalSelect(EachByte(0x33), bits01, bit2), quad);
    }

    /// <summary>Of even quads the lower halves of the bytes, of odd ones the upper halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Half(Vector512<uint> plane, int quad) => quad % 2 == 0 ? plane : Avx512F.ShiftRightLogical(plane, 4);

    /// <summary>A quad's bits of the plane that holds the bits from <paramref name="position"/> on, where they stand in the code.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Field(byte* unit, int position, int width, int half, int quad)
    {
        // One dword of a plane of one bit has the quads of both halves.
        return width == 1
            ? Move(Avx512F.LoadVector512((uint*)unit + (position * Lanes)), position + width, (half * HalfQuads) + quad)
            : Move(Avx512F.LoadVector512((uint*)unit + ((position + (half * (width / 2)) + (quad * width / 8)) * Lanes)), position + width, quad * width % 8);
    }

    /// <summary>Fields that go on at the other end of the dword are rotated. Others are shifted: rotations take the ports of multiply-adds on a
    /// Zen 5, shifts do not. Counts have to be constants in the calls: others go through memory.</summary>
    [SuppressMessage("Performance", "CA1857", Justification = "Constant once it is inlined.")]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Move(Vector512<uint> plane, int end, int count)
    {
        if (count == 0)
            return plane;
        return end + count > 8 ? Avx512F.RotateRight(plane, (byte)count) : Avx512F.ShiftRightLogical(plane, (byte)count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> EachByte(uint value) => Vector512.Create(value * 0x0101_0101u);
}
