using System.Runtime.Intrinsics;

namespace KBitQuant.Packing;

/// <summary>
/// How AVX-512 VBMI takes k-bit codes out of the canonical stream: a byte permutation brings to each qword the bytes that hold its codes, a
/// multishift takes from the qword the eight bits from any bit on. What stands above a code's k bits belongs to its neighbours.
/// </summary>
internal readonly struct FieldShuffle
{
    private const int QwordBytes = sizeof(ulong);
    private const int DwordBytes = sizeof(uint);
    private const int DwordBits = 32;

    private FieldShuffle(byte[] bytes, byte[] bits) => (Bytes, Bits) = (Vector512.Create(bytes), Vector512.Create(bits));

    /// <summary>The byte of the stream for each byte of a register.</summary>
    public Vector512<byte> Bytes { get; }

    /// <summary>For each byte the first bit it takes of its qword.</summary>
    public Vector512<byte> Bits { get; }

    /// <summary>A code in each of 64 bytes, in order.</summary>
    public static FieldShuffle ToBytes(int bits)
    {
        var bytes = new byte[Vector512<byte>.Count];
        var shifts = new byte[Vector512<byte>.Count];
        for (int i = 0; i < bytes.Length; i++)
        {
            (int qword, int code) = Math.DivRem(i, QwordBytes);
            bytes[i] = (byte)((qword * bits) + code);
            shifts[i] = (byte)(code * bits);
        }

        return new FieldShuffle(bytes, shifts);
    }

    /// <summary>A code in each of 16 dwords; k up to 4 is for streams whose first qword stands in every qword already.</summary>
    public static FieldShuffle ToDwords(int bits) => ToFields(bits, QwordBytes / sizeof(uint), readsFirstQword: bits <= 4);

    /// <summary>A code in each of 32 words, k up to 5.</summary>
    public static FieldShuffle ToWords(int bits) => ToFields(bits, QwordBytes / sizeof(ushort), readsFirstQword: false);

    /// <summary>A code in each of 64 bytes, k = 6 to 8: dword 4L + j holds codes 16j + 4L to 16j + 4L + 3. Interleaving the bytes of
    /// four such registers, which works within 128 bits, then makes dwords in the order of the codes.</summary>
    public static FieldShuffle ToInterleavedBytes(int bits)
    {
        var bytes = new byte[Vector512<byte>.Count];
        var shifts = new byte[Vector512<byte>.Count];
        for (int dword = 0; dword < Vector512<uint>.Count; dword++)
        {
            int firstBit = ((16 * (dword % 4)) + (4 * (dword / 4))) * bits;
            for (int i = 0; i < DwordBytes; i++)
            {
                bytes[(dword * DwordBytes) + i] = (byte)((firstBit / 8) + i);
                shifts[(dword * DwordBytes) + i] = (byte)((dword % 2 * DwordBits) + (firstBit % 8) + (i * bits));
            }
        }

        return new FieldShuffle(bytes, shifts);
    }

    private static FieldShuffle ToFields(int bits, int fieldsOfQword, bool readsFirstQword)
    {
        var bytes = new byte[Vector512<byte>.Count];
        var shifts = new byte[Vector512<byte>.Count];
        for (int qword = 0; qword < Vector512<ulong>.Count; qword++)
        {
            int firstBit = fieldsOfQword * qword * bits;
            int firstByte = readsFirstQword ? 0 : firstBit / 8;
            for (int i = 0; i < QwordBytes; i++)
                bytes[(qword * QwordBytes) + i] = (byte)(firstByte + i);
            for (int i = 0; i < fieldsOfQword; i++)
                shifts[(qword * QwordBytes) + (i * QwordBytes / fieldsOfQword)] = (byte)(firstBit - (8 * firstByte) + (i * bits));
        }

        return new FieldShuffle(bytes, shifts);
    }
}
