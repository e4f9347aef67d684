using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>
/// Levels of evenly spaced tables as words: levels of up to 7 bits, or 128 more than a code, are exact as bfloat16, which is a float's upper
/// half. So a register of floats holds two columns of 4 rows.
/// </summary>
/// <remarks>
/// <code>
/// codes:            | row 0: c0 c1 c2 c3 | row 1: c0 c1 c2 c3 | row 2 | row 3 |    bytes of 128 bits; the other 128 have rows 4 to 7
/// low words:        | row 0: c0 c1 c2 c3 | row 1: c0 c1 c2 c3 |                    high words: rows 2 and 3
/// even, odd floats: | row 0: c0 c2 | row 1: c0 c2 |, | row 0: c1 c3 | row 1: c1 c3 |
/// </code>
/// </remarks>
internal readonly unsafe struct UniformWords256<TWidth>
    where TWidth : struct, ICodeWidth
{
    private const int WordBits = 16;
    private const int ByteBits = 8;

    /// <summary>Entries that bytes are looked up among.</summary>
    private const int LookedUp = 16;

    /// <summary>The upper half of 2^23 as a float, whose unit of the last place is 1.</summary>
    private const ushort UnitWord = 0x4B00;

    /// <summary>The upper byte of 128 as bfloat16, whose unit of the last place is 1.</summary>
    private const byte UnitByte = 0x43;

    private readonly Vector256<byte> _lowBytes;
    private readonly Vector256<byte> _highBytes;
    private readonly Vector256<float> _offset;

    private UniformWords256(Vector256<byte> lowBytes, Vector256<byte> highBytes, Vector256<float> offset) =>
        (_lowBytes, _highBytes, _offset) = (lowBytes, highBytes, offset);

    /// <summary>Whether both bytes of a level are looked up. Otherwise floats hold codes, and exceed levels by an offset.</summary>
    private static bool LooksUp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TWidth.Bits <= 4;
    }

    /// <summary>Whether codes need more bits than a bfloat16 has.</summary>
    private static bool TakesFloats
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TWidth.Bits == 8;
    }

    /// <summary>The levels of a table.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static UniformWords256<TWidth> Of(UniformTable table)
    {
        if (LooksUp)
            return new(Bytes(table, WordBits), Bytes(table, WordBits + ByteBits), default);
        uint word = TakesFloats ? UnitWord : (uint)UnitByte << ByteBits;
        Vector256<byte> highBytes = TakesFloats ? default : Vector256.Create(UnitByte);
        return new(default, highBytes, Vector256.Create(table.Zero + BitConverter.UInt32BitsToSingle(word << WordBits)));
    }

    /// <summary>The words of a quad of columns of 8 rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Words(Vector256<byte> codes, out Vector256<uint> low, out Vector256<uint> high)
    {
        Vector256<byte> lowBytes = LooksUp ? Avx2.Shuffle(_lowBytes, codes) : codes;
        Vector256<byte> highBytes = LooksUp ? Avx2.Shuffle(_highBytes, codes) : _highBytes;
        low = Avx2.UnpackLow(lowBytes, highBytes).AsUInt32();
        high = Avx2.UnpackHigh(lowBytes, highBytes).AsUInt32();
    }

    /// <summary>The levels of columns 0 and 2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<float> Even(Vector256<uint> words)
    {
        if (TakesFloats)
            return Avx2.Blend(words.AsUInt16(), Vector256.Create(UnitWord), 0b1010_1010).AsSingle() - _offset;
        Vector256<float> levels = (words << WordBits).AsSingle();
        return LooksUp ? levels : levels - _offset;
    }

    /// <summary>The levels of columns 1 and 3.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<float> Odd(Vector256<uint> words)
    {
        if (TakesFloats)
            return ((words >>> WordBits) | Vector256.Create((uint)UnitWord << WordBits)).AsSingle() - _offset;
        Vector256<float> levels = (words & Vector256.Create(0xFFFF_0000)).AsSingle();
        return LooksUp ? levels : levels - _offset;
    }

    /// <summary>A byte of each level as a float.</summary>
    private static Vector256<byte> Bytes(UniformTable table, int shift)
    {
        byte* bytes = stackalloc byte[LookedUp];
        for (int code = 0; code < 1 << TWidth.Bits; code++)
            bytes[code] = (byte)(BitConverter.SingleToUInt32Bits(code - table.Zero) >> shift);
        return Avx2.BroadcastVector128ToVector256(bytes);
    }
}
