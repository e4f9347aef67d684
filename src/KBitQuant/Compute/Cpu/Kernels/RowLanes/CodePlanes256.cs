using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using KBitQuant.Packing;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>Moves through the planes of <see cref="RowLaneLayout"/> in registers of 8 lanes, half a row group.</summary>
internal static unsafe class CodePlanes256<TWidth>
    where TWidth : struct, ICodeWidth
{
    private const int Lanes = RowLaneLayout.Lanes;

    /// <summary>Brings the planes to a quad; quads are taken in order. A plane has gone full circle after the columns of one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ToQuad(byte* unit, int quad, ref Vector256<uint> low, ref Vector256<uint> middle, ref Vector256<uint> high)
    {
        low = PlaneToQuad(unit, 0, TWidth.LowBits, quad, low);
        if (TWidth.MiddleBits > 0)
            middle = PlaneToQuad(unit, TWidth.LowBits, TWidth.MiddleBits, quad, middle);
        if (TWidth.HasHighPlane)
            high = PlaneToQuad(unit, TWidth.LowBits + TWidth.MiddleBits, 1, quad, high);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> PlaneToQuad(byte* unit, int firstDword, int width, int quad, Vector256<uint> plane)
    {
        int quads = 8 / width;
        return quad % quads == 0 ? Vector256.Load((uint*)unit + ((firstDword + (quad / quads)) * Lanes)) : Rotate(plane, width);
    }

    /// <summary>The four codes of the current quad, one in each byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> QuadCodes(Vector256<uint> low, Vector256<uint> middle, Vector256<uint> high)
    {
        if (TWidth.Bits == 8)
            return low.AsByte();
        Vector256<uint> codes = low;
        if (TWidth.MiddleBits > 0)
        {
            Vector256<uint> upper = TWidth.HasHighPlane ? Vector256.ConditionalSelect(EachByte(0x3F), middle, high) : middle;
            codes = Vector256.ConditionalSelect(EachByte((1u << TWidth.LowBits) - 1), low, upper);
        }

        return (codes & EachByte((1u << TWidth.Bits) - 1)).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Rotate(Vector256<uint> value, int count) => (value >>> count) | (value << (32 - count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> EachByte(uint value) => Vector256.Create(value * 0x0101_0101u);
}
