using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KBitQuant.Packing;

/// <summary>
/// How vectors take k-bit codes out of the canonical stream, 16 from each 128 bits: a byte permutation brings to each word the two bytes
/// that hold its code, a multiplication by a power of two moves it to where all words have theirs.
/// </summary>
internal readonly struct FieldWords : IFields256
{
    private const int ByteBits = 8;

    private readonly Vector256<byte> _evenBytes;
    private readonly Vector256<byte> _oddBytes;
    private readonly Vector256<ushort> _evenPowers;
    private readonly Vector256<ushort> _oddPowers;
    private readonly Vector256<ushort> _upperMask;

    private FieldWords(int bits, ReadOnlySpan<int> order)
    {
        var (evenBytes, oddBytes) = (new byte[Vector256<byte>.Count], new byte[Vector256<byte>.Count]);
        var (evenPowers, oddPowers) = (new ushort[Vector256<ushort>.Count], new ushort[Vector256<ushort>.Count]);
        for (int word = 0; word < Vector256<ushort>.Count; word++)
        {
            // Both go to the bottom of the upper byte.
            evenPowers[word] = (ushort)(1 << (ByteBits - Place(order[2 * word], evenBytes, word)));
            oddPowers[word] = (ushort)(1 << (ByteBits - Place(order[(2 * word) + 1], oddBytes, word)));
        }

        (_evenBytes, _oddBytes, _evenPowers, _oddPowers) = (Vector256.Create(evenBytes), Vector256.Create(oddBytes), Vector256.Create(evenPowers), Vector256.Create(oddPowers));
        _upperMask = Vector256.Create((ushort)(((1 << bits) - 1) << ByteBits));

        int Place(int code, byte[] bytes, int word)
        {
            (int first, int bit) = Math.DivRem(code * bits, ByteBits);
            bytes[2 * word] = (byte)first;
            // The last code may end with the register; what comes next to it is not looked at.
            bytes[(2 * word) + 1] = (byte)Math.Min(first + 1, Vector128<byte>.Count - 1);
            return bit;
        }
    }

    /// <summary>Those of k bits, 16 in each half of the register.</summary>
    public static FieldWords Of(int bits) => new(bits, [.. Enumerable.Range(0, Vector256<byte>.Count).Select(code => code % Vector128<byte>.Count)]);

    /// <summary>Those of k bits that are in each byte of the register, all of them within 16 bytes of the stream.</summary>
    public static FieldWords Of(int bits, ReadOnlySpan<int> order) => new(bits, order);

    /// <summary>32 codes, one a byte, each half of the register from its own part of the stream.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<byte> Unpack(Vector256<byte> stream)
    {
        Vector256<ushort> even = ((Shuffle(stream, _evenBytes).AsUInt16() * _evenPowers) & _upperMask) >>> ByteBits;
        Vector256<ushort> odd = (Shuffle(stream, _oddBytes).AsUInt16() * _oddPowers) & _upperMask;
        return (even | odd).AsByte();
    }

    /// <summary>Within each half.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Shuffle(Vector256<byte> bytes, Vector256<byte> indices) => Avx2.IsSupported ? Avx2.Shuffle(bytes, indices)
        : Vector256.Create(Vector128.Shuffle(bytes.GetLower(), indices.GetLower()), Vector128.Shuffle(bytes.GetUpper(), indices.GetUpper()));
}
