using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using KBitQuant.Packing;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>The planes of half a unit of <see cref="RowLaneLayout"/>, four quads, in registers of 8 lanes, half a row group.</summary>
/// <remarks>Where a field does not reach over the end of its byte, a shift brings it to its place; the others need a rotation.</remarks>
internal readonly unsafe ref struct UnitPlanes256<TWidth>
    where TWidth : struct, ICodeWidth
{
    /// <summary>Quads of half a unit.</summary>
    public const int Quads = RowLaneLayout.UnitQuads / 2;

    private const int Lanes = RowLaneLayout.Lanes;
    private const int BitsPerByte = 8;

    private readonly uint* _low;
    private readonly Vector256<uint> _middle;
    private readonly Vector256<uint> _high;

    /// <param name="unit">The unit, from the first of the 8 lanes on.</param>
    /// <param name="half">0 or 1.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public UnitPlanes256(byte* unit, int half)
    {
        _low = (uint*)unit + (half * (TWidth.LowBits / 2) * Lanes);
        uint* middle = (uint*)unit + (TWidth.LowBits * Lanes);
        if (TWidth.MiddleBits == 2)
            _middle = Vector256.Load(middle + (half * Lanes));
        if (TWidth.MiddleBits == 1)
            _middle = PlaneOf1(middle, half);
        if (TWidth.HasHighPlane)
            _high = PlaneOf1(middle + (TWidth.MiddleBits * Lanes), half);
    }

    /// <summary>The four codes of a quad, one in each byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<byte> Codes(int quad)
    {
        int lowQuads = BitsPerByte / TWidth.LowBits;
        Vector256<uint> codes = Vector256.Load(_low + (quad / lowQuads * Lanes));
        if (TWidth.Bits == BitsPerByte)
            return codes.AsByte();
        codes = Field(codes, 0, TWidth.LowBits, quad % lowQuads);
        if (TWidth.MiddleBits > 0)
            codes |= Field(_middle, TWidth.LowBits, TWidth.MiddleBits, quad);
        if (TWidth.HasHighPlane)
            codes |= Field(_high, TWidth.LowBits + TWidth.MiddleBits, 1, quad);
        return codes.AsByte();
    }

    /// <summary>The bits of a plane that belong to a quad, at their position in the codes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Field(Vector256<uint> plane, int position, int width, int quad)
    {
        int count = quad * width;
        Vector256<uint> turned = position + count + width <= BitsPerByte ? plane >>> count : Rotate(plane, count);
        return turned & Vector256.Create((((1u << width) - 1) << position) * 0x0101_0101u);
    }

    /// <summary>One dword has the quads of both halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> PlaneOf1(uint* plane, int half)
    {
        Vector256<uint> bits = Vector256.Load(plane);
        return half == 0 ? bits : Rotate(bits, Quads);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Rotate(Vector256<uint> value, int count) => (value >>> count) | (value << (32 - count));
}
