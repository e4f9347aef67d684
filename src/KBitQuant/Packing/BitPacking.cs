using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KBitQuant.Packing;

/// <summary>
/// The canonical packing: a dense stream of k-bit codes in storage order, k = 1 to 8, lowest bits first.
/// </summary>
/// <remarks>
/// <code>
/// Code i takes bits [i*k, (i+1)*k) of the stream; bit b of the stream is bit b % 8 of byte b / 8.
/// k = 4:  byte 0 = code 1, code 0        (high nibble, low nibble)
/// k = 3:  byte 0 = c2[1:0] c1[2:0] c0[2:0], byte 1 = c5[0] c4[2:0] c3[2:0] c2[2], ...
/// </code>
/// Eight codes fill exactly k bytes, the unit of the fast paths. Unused bits of the last byte are 0.
/// </remarks>
public static class BitPacking
{
    /// <summary>The largest k.</summary>
    public const int MaxBits = 8;

    /// <summary>Codes in a group that fills whole bytes for every k.</summary>
    internal const int GroupLength = 8;

    private const ulong LowBitOfEachByte = 0x0101_0101_0101_0101;

    private static readonly FieldShuffle[] ByteFields = [default, .. Enumerable.Range(1, MaxBits).Select(FieldShuffle.ToBytes)];

    private static readonly FieldWords[] WordFields = [default, .. Enumerable.Range(1, MaxBits).Select(FieldWords.Of)];

    /// <summary>The bytes that <paramref name="count"/> codes take.</summary>
    /// <param name="count">How many codes, at least 0.</param>
    /// <param name="bits">k, 1 to 8.</param>
    /// <exception cref="ArgumentOutOfRangeException">k or the count is out of range.</exception>
    /// <exception cref="OverflowException">More bytes than an int counts.</exception>
    public static int PackedLength(long count, int bits)
    {
        ThrowIfOutside(bits);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        Int128 bytes = (((Int128)count * bits) + 7) / 8;
        return bytes <= int.MaxValue ? (int)bytes : throw new OverflowException($"At most {int.MaxValue} bytes of codes are allowed; {count} of {bits} bits take {bytes}.");
    }

    /// <summary>Packs codes.</summary>
    /// <param name="codes">One code a byte, each below 2^k; higher bits are an error the caller must rule out: they are cut off.</param>
    /// <param name="bits">k, 1 to 8.</param>
    /// <param name="packed">At least <see cref="PackedLength"/> bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">k is out of range.</exception>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public static void Pack(ReadOnlySpan<byte> codes, int bits, Span<byte> packed)
    {
        int length = PackedLength(codes.Length, bits);
        if (packed.Length < length)
            throw new ArgumentException($"{codes.Length} codes of {bits} bits take {length} bytes; the destination has {packed.Length}.", nameof(packed));
        ulong mask = CodeMask(bits);
        int groups = codes.Length / GroupLength;
        ReadOnlySpan<ulong> whole = MemoryMarshal.Cast<byte, ulong>(codes[..(groups * GroupLength)]);
        int group = 0;
        // A group is written as 8 bytes, of which the next group overwrites the upper 8 - k.
        int writable = length < sizeof(ulong) ? 0 : Math.Min(groups, ((length - sizeof(ulong)) / bits) + 1);
        ref ulong source = ref MemoryMarshal.GetReference(whole);
        ref byte destination = ref MemoryMarshal.GetReference(packed);
        for (; group < writable; group++)
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref destination, group * bits), LittleEndian(Gather(LittleEndian(Unsafe.Add(ref source, group)), mask, bits)));
        for (; group < groups; group++)
            WriteLow(Gather(LittleEndian(whole[group]), mask, bits), packed.Slice(group * bits, bits));
        if (groups * GroupLength < codes.Length)
        {
            Span<byte> rest = stackalloc byte[GroupLength];
            rest.Clear();
            codes[(groups * GroupLength)..].CopyTo(rest);
            ulong value = Gather(BinaryPrimitives.ReadUInt64LittleEndian(rest), mask, bits);
            WriteLow(value, packed[(groups * bits)..length]);
        }
    }

    /// <summary>Unpacks all codes from the start of a stream.</summary>
    /// <param name="packed">At least <see cref="PackedLength"/> bytes for the codes asked for.</param>
    /// <param name="bits">k, 1 to 8.</param>
    /// <param name="codes">Receives one code a byte.</param>
    /// <exception cref="ArgumentOutOfRangeException">k is out of range.</exception>
    /// <exception cref="ArgumentException">The stream is too short.</exception>
    public static void Unpack(ReadOnlySpan<byte> packed, int bits, Span<byte> codes) => Unpack(packed, bits, 0, codes);

    /// <summary>Unpacks codes from within a stream.</summary>
    /// <param name="packed">The stream.</param>
    /// <param name="bits">k, 1 to 8.</param>
    /// <param name="start">The first code wanted, at least 0.</param>
    /// <param name="codes">Receives the codes from there on, one a byte.</param>
    /// <exception cref="ArgumentOutOfRangeException">k or the start is out of range.</exception>
    /// <exception cref="ArgumentException">The stream is too short.</exception>
    public static void Unpack(ReadOnlySpan<byte> packed, int bits, long start, Span<byte> codes)
    {
        ThrowIfOutside(bits);
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        long held = packed.Length * 8L / bits;
        if (start > held - codes.Length)
            throw new ArgumentException($"Codes {start} to {start} + {codes.Length} of {bits} bits were asked for; the stream of {packed.Length} bytes has {held}.", nameof(packed));
        int lead = (int)Math.Min((GroupLength - (start % GroupLength)) % GroupLength, codes.Length);
        for (int i = 0; i < lead; i++)
            codes[i] = ReadOne(packed, bits, start + i);
        int firstByte = (int)((start + lead) / GroupLength * bits);
        UnpackGroups(packed[firstByte..], bits, codes[lead..]);
    }

    /// <summary>One code.</summary>
    internal static byte ReadOne(ReadOnlySpan<byte> packed, int bits, long index)
    {
        long bit = index * bits;
        int at = (int)(bit >> 3);
        int window = packed[at] | (at + 1 < packed.Length ? packed[at + 1] << 8 : 0);
        return (byte)((window >> (int)(bit & 7)) & ((1 << bits) - 1));
    }

    internal static void ThrowIfOutside(int bits)
    {
        if (bits is < 1 or > MaxBits)
            throw new ArgumentOutOfRangeException(nameof(bits), bits, $"A code has 1 to {MaxBits} bits; {bits} was given.");
    }

    private static void UnpackGroups(ReadOnlySpan<byte> packed, int bits, Span<byte> codes)
    {
        ulong mask = CodeMask(bits);
        int groups = codes.Length / GroupLength;
        Span<ulong> whole = MemoryMarshal.Cast<byte, ulong>(codes[..(groups * GroupLength)]);
        int group = Avx512Vbmi.IsSupported ? UnpackVbmi(packed, bits, groups, codes)
            : Vector128.IsHardwareAccelerated && BitConverter.IsLittleEndian ? UnpackWords(packed, bits, groups, codes)
            : 0;
        // A group is read as 8 bytes, of which the upper 8 - k belong to the next ones.
        int readable = packed.Length < sizeof(ulong) ? 0 : Math.Min(groups, ((packed.Length - sizeof(ulong)) / bits) + 1);
        ref byte source = ref Unsafe.Add(ref MemoryMarshal.GetReference(packed), group * bits);
        for (; group < readable; group++, source = ref Unsafe.Add(ref source, bits))
            whole[group] = LittleEndian(Spread(LittleEndian(Unsafe.ReadUnaligned<ulong>(ref source)), mask, bits));
        for (; group < groups; group++)
            whole[group] = LittleEndian(Spread(ReadLow(packed.Slice(group * bits, bits)), mask, bits));
        int rest = groups * GroupLength;
        for (int i = rest; i < codes.Length; i++)
            codes[i] = ReadOne(packed, bits, i);
    }

    /// <summary>Eight groups at a time, as long as 64 bytes can be read.</summary>
    /// <returns>How many groups are done.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe int UnpackVbmi(ReadOnlySpan<byte> packed, int bits, int groups, Span<byte> codes)
    {
        const int StepGroups = 8;
        Vector512<byte> bytes = ByteFields[bits].Bytes, shifts = ByteFields[bits].Bits, mask = Vector512.Create((byte)((1 << bits) - 1));
        int group = 0;
        fixed (byte* source = packed)
        fixed (byte* destination = codes)
        {
            for (; group <= groups - StepGroups && (group * bits) + Vector512<byte>.Count <= packed.Length; group += StepGroups)
            {
                Vector512<byte> stream = Avx512Vbmi.PermuteVar64x8(Vector512.Load(source + (group * bits)), bytes);
                (Avx512Vbmi.MultiShift(shifts, stream.AsUInt64()) & mask).Store(destination + (group * GroupLength));
            }
        }

        return group;
    }

    /// <summary>Four groups at a time, as long as 16 bytes can be read for each half of them.</summary>
    /// <returns>How many groups are done.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int UnpackWords(ReadOnlySpan<byte> packed, int bits, int groups, Span<byte> codes)
    {
        const int StepGroups = 4;
        FieldWords fields = WordFields[bits];
        ref byte source = ref MemoryMarshal.GetReference(packed);
        ref byte destination = ref MemoryMarshal.GetReference(codes);
        int half = StepGroups / 2 * bits;
        int group = 0;
        for (; group <= groups - StepGroups && (group * bits) + half + Vector128<byte>.Count <= packed.Length; group += StepGroups)
        {
            ref byte step = ref Unsafe.Add(ref source, group * bits);
            Vector256<byte> stream = Vector256.Create(Vector128.LoadUnsafe(ref step), Vector128.LoadUnsafe(ref step, (nuint)half));
            fields.Unpack(stream).StoreUnsafe(ref destination, (nuint)(group * GroupLength));
        }

        return group;
    }

    /// <summary>The low k bits of every byte.</summary>
    private static ulong CodeMask(int bits) => LowBitOfEachByte * ((1u << bits) - 1);

    private static ulong LittleEndian(ulong value) => BitConverter.IsLittleEndian ? value : BinaryPrimitives.ReverseEndianness(value);

    /// <summary>The low 8k bits as eight codes, one in the low bits of each byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Spread(ulong stream, ulong mask, int bits)
    {
        if (Bmi2.X64.IsSupported)
            return Bmi2.X64.ParallelBitDeposit(stream, mask);
        // Halve three times: 8 codes to 4 + 4 (32 bits apart), to 2 + 2 (16 apart), to 1 + 1 (8 apart).
        ulong low4 = stream & (ulong.MaxValue >> (64 - (4 * bits)));
        ulong fours = low4 | ((bits == 8 ? stream >> 32 : (stream >> (4 * bits)) & (ulong.MaxValue >> (64 - (4 * bits)))) << 32);
        ulong twosMask = (ulong.MaxValue >> (64 - (2 * bits))) * 0x0000_0001_0000_0001;
        ulong twos = (fours & twosMask) | (((fours >> (2 * bits)) & twosMask) << 16);
        ulong onesMask = ((1ul << bits) - 1) * 0x0001_0001_0001_0001;
        return (twos & onesMask) | (((twos >> bits) & onesMask) << 8);
    }

    /// <summary>Eight codes, one in the low bits of each byte, as 8k dense bits: the inverse of <see cref="Spread"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Gather(ulong codes, ulong mask, int bits)
    {
        if (Bmi2.X64.IsSupported)
            return Bmi2.X64.ParallelBitExtract(codes, mask);
        ulong onesMask = ((1ul << bits) - 1) * 0x0001_0001_0001_0001;
        ulong twos = (codes & onesMask) | (((codes >> 8) & onesMask) << bits);
        ulong twosMask = (ulong.MaxValue >> (64 - (2 * bits))) * 0x0000_0001_0000_0001;
        ulong fours = (twos & twosMask) | (((twos >> 16) & twosMask) << (2 * bits));
        ulong foursMask = ulong.MaxValue >> (64 - (4 * bits));
        return (fours & foursMask) | ((fours >> 32) << (4 * bits));
    }

    private static ulong ReadLow(ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        for (int i = bytes.Length - 1; i >= 0; i--)
            value = (value << 8) | bytes[i];
        return value;
    }

    private static void WriteLow(ulong value, Span<byte> bytes)
    {
        for (int i = 0; i < bytes.Length; i++, value >>= 8)
            bytes[i] = (byte)value;
    }
}
