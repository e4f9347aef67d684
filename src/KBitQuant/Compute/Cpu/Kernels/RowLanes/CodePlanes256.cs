using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using KBitQuant.Packing;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>The planes of <see cref="RowLaneLayout"/> in registers of 8 lanes, half a row group.</summary>
internal static unsafe class CodePlanes256<TWidth>
    where TWidth : struct, ICodeWidth
{
    private const int Lanes = RowLaneLayout.Lanes;

    /// <summary>The four codes of a quad, one in each byte. Where the quad is a constant to the compiler, all that remains is to shift, mask
    /// and join.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Quad(byte* unit, int quad)
    {
        Vector256<uint> codes = Field(unit, 0, TWidth.LowBits, quad);
        if (TWidth.MiddleBits > 0)
            codes |= Field(unit, TWidth.LowBits, TWidth.MiddleBits, quad);
        if (TWidth.HasHighPlane)
            codes |= Field(unit, TWidth.LowBits + TWidth.MiddleBits, 1, quad);
        return codes.AsByte();
    }

    /// <summary>A quad's bits of the plane that holds the bits from <paramref name="position"/> on, where they stand in the code. Shifts are
    /// expressions of the parameters: with locals in between, the compiler would take them for variable ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Field(byte* unit, int position, int width, int quad)
    {
        Vector256<uint> plane = Vector256.Load((uint*)unit + ((position + (quad / (8 / width))) * Lanes));
        if (width == 8)
            return plane;
        if (position + (quad % (8 / width) * width) >= 8)
            plane = NextBytes(plane) << (8 - (quad % (8 / width) * width));
        else if (quad % (8 / width) > 0)
            plane >>>= quad % (8 / width) * width;
        return plane & EachByte(((1u << width) - 1) << position);
    }

    /// <summary>Dwords rotated right by 8: fields that have gone beyond a byte are in the next one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> NextBytes(Vector256<uint> plane) =>
        Vector256.Shuffle(plane.AsByte(), Vector256.Create(0x0407_0605_0003_0201ul, 0x0C0F_0E0D_080B_0A09ul, 0x1417_1615_1013_1211ul, 0x1C1F_1E1D_181B_1A19ul).AsByte()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> EachByte(uint value) => Vector256.Create(value * 0x0101_0101u);
}
