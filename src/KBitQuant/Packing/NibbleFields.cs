using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KBitQuant.Packing;

/// <summary>The same as <see cref="FieldWords"/> for codes of four bits, in half as many instructions: a byte with two codes becomes a word, of
/// which one shift brings the second code to the upper byte.</summary>
internal readonly struct NibbleFields : IFields256
{
    /// <summary>The bits of a code.</summary>
    public const int Bits = 4;

    private const byte Zero = 0x80;

    private readonly Vector256<byte> _bytes;

    /// <param name="order">The code for each byte of the register, all within 16 bytes of the stream; each odd one comes after its even one.</param>
    public NibbleFields(ReadOnlySpan<int> order)
    {
        var bytes = new byte[Vector256<byte>.Count];
        for (int i = 0; i < bytes.Length; i++)
            bytes[i] = i % 2 == 0 ? (byte)(order[i] / 2) : Zero;
        _bytes = Vector256.Create(bytes);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<byte> Unpack(Vector256<byte> stream)
    {
        Vector256<ushort> words = Avx2.Shuffle(stream, _bytes).AsUInt16();
        return (words | (words << Bits)).AsByte() & Vector256.Create((byte)0x0F);
    }
}
