using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KBitQuant.Numerics;
using KBitQuant.Packing;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>The planes of <see cref="RowLaneLayout"/> in registers of 8 lanes, half a row group.</summary>
internal static unsafe class CodePlanes256<TWidth>
    where TWidth : struct, ICodeWidth
{
    /// <summary>Bytes of a unit's codes, a byte each, of half a row group.</summary>
    public const int UnpackedBytes = RowLaneLayout.UnitQuads * RowLaneLayout.Lanes / 2 * sizeof(uint);

    private const int Lanes = RowLaneLayout.Lanes;
    private const int PrefetchDistance = 2048;

    /// <summary>The four codes of a quad, one in each byte. Where the quad is a constant to the compiler, all that remains is to shift, mask
    /// and join.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Quad(byte* unit, int quad)
    {
        if (TWidth.Bits == 3)
            return ThreeBits(unit, quad).AsByte();
        Vector256<uint> codes = Field(unit, 0, TWidth.LowBits, quad);
        if (TWidth.MiddleBits > 0)
            codes |= Field(unit, TWidth.LowBits, TWidth.MiddleBits, quad);
        if (TWidth.HasHighPlane)
            codes |= Field(unit, TWidth.LowBits + TWidth.MiddleBits, 1, quad);
        return codes.AsByte();
    }

    /// <summary>Bytes from quad to quad of <see cref="Unpack"/>'s result.</summary>
    public static int QuadStride
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TWidth.Bits == 8 ? Lanes * sizeof(uint) : Vector256<byte>.Count;
    }

    /// <summary>All quads of a unit one after the other, for loops whose body would be too long for the processor's buffers if it were written out
    /// for each. Codes of 8 bits are so already.</summary>
    /// <param name="unit">The unit.</param>
    /// <param name="buffer">Room for <see cref="UnpackedBytes"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* Unpack(byte* unit, byte* buffer)
    {
        if (TWidth.Bits == 8)
            return unit;
        Quad(unit, 0).Store(buffer);
        Quad(unit, 1).Store(buffer + QuadStride);
        Quad(unit, 2).Store(buffer + (2 * QuadStride));
        Quad(unit, 3).Store(buffer + (3 * QuadStride));
        Quad(unit, 4).Store(buffer + (4 * QuadStride));
        Quad(unit, 5).Store(buffer + (5 * QuadStride));
        Quad(unit, 6).Store(buffer + (6 * QuadStride));
        Quad(unit, 7).Store(buffer + (7 * QuadStride));
        return buffer;
    }

    /// <summary>Asks for the codes of a unit some way ahead.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PrefetchAhead(byte* unit) => Prefetch(unit + PrefetchDistance);

    /// <summary>Asks for the codes of a unit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(byte* unit)
    {
        if (!Sse.IsSupported)
            return;
        for (int line = 0; line < RowLaneLayout.UnitBytes(TWidth.Bits); line += CacheLine.Bytes)
            Sse.Prefetch0(unit + line);
    }

    /// <summary>Six quads are in fields of three dwords, whose fourth bits are the other two quads.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> ThreeBits(byte* unit, int quad)
    {
        if (quad < 6)
        {
            return quad % 2 == 0 ? Vector256.Load((uint*)unit + (quad / 2 * Lanes)) & Vector256.Create(0x0707_0707u)
                : (Vector256.Load((uint*)unit + (quad / 2 * Lanes)) >>> 4) & Vector256.Create(0x0707_0707u);
        }

        return ((Vector256.Load((uint*)unit) >>> (3 + (quad % 2 * 4))) & Vector256.Create(0x0101_0101u))
            | ((Vector256.Load((uint*)unit + Lanes) >>> (2 + (quad % 2 * 4))) & Vector256.Create(0x0202_0202u))
            | ((Vector256.Load((uint*)unit + (2 * Lanes)) >>> (1 + (quad % 2 * 4))) & Vector256.Create(0x0404_0404u));
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
