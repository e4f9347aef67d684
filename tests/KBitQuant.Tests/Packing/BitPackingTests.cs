using FsCheck.Xunit;
using KBitQuant.Packing;

namespace KBitQuant.Tests.Packing;

[Trait("Category", "Isa")]
public class BitPackingTests
{
    [Property(MaxTest = 300)]
    public void PackingIsTheBitStreamOfItsDefinition(byte[] raw, byte k)
    {
        (byte[] codes, int bits) = Codes(raw, k);
        var packed = new byte[BitPacking.PackedLength(codes.Length, bits)];
        BitPacking.Pack(codes, bits, packed);
        for (int bit = 0; bit < packed.Length * 8; bit++)
        {
            int expected = bit / bits < codes.Length ? (codes[bit / bits] >> (bit % bits)) & 1 : 0;
            Assert.Equal(expected, (packed[bit / 8] >> (bit % 8)) & 1);
        }
    }

    [Property(MaxTest = 300)]
    public void UnpackingFromAnyStartGivesTheCodes(byte[] raw, byte k, ushort from)
    {
        (byte[] codes, int bits) = Codes(raw, k);
        int start = codes.Length == 0 ? 0 : from % codes.Length;
        var packed = new byte[BitPacking.PackedLength(codes.Length, bits)];
        BitPacking.Pack(codes, bits, packed);
        var unpacked = new byte[codes.Length - start];
        BitPacking.Unpack(packed, bits, start, unpacked);
        Assert.Equal(codes[start..], unpacked);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    [InlineData(-1)]
    public void OtherBitsAreRefused(int bits)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => BitPacking.PackedLength(8, bits));
        Assert.Throws<ArgumentOutOfRangeException>(() => BitPacking.Pack(new byte[8], bits, new byte[8]));
        Assert.Throws<ArgumentOutOfRangeException>(() => BitPacking.Unpack(new byte[8], bits, new byte[8]));
    }

    [Fact]
    public void ShortSpansAreRefused()
    {
        Assert.Throws<ArgumentException>(() => BitPacking.Pack(new byte[9], 3, new byte[3]));
        Assert.Throws<ArgumentException>(() => BitPacking.Unpack(new byte[3], 3, new byte[9]));
        Assert.Throws<ArgumentException>(() => BitPacking.Unpack(new byte[3], 3, 1, new byte[8]));
        Assert.Throws<ArgumentException>(() => BitPacking.Unpack(new byte[3], 3, long.MaxValue, new byte[1]));
        Assert.Throws<ArgumentException>(() => BitPacking.Unpack(new byte[3], 3, 1L << 40, []));
        Assert.Throws<ArgumentOutOfRangeException>(() => BitPacking.Unpack(new byte[3], 3, -1, new byte[1]));
        BitPacking.Unpack(new byte[3], 3, 8, []);
        foreach (long count in (long[])[1L << 31, long.MaxValue])
            Assert.Contains($"{count} of 8 bits", Assert.Throws<OverflowException>(() => BitPacking.PackedLength(count, 8)).Message, StringComparison.Ordinal);
        Assert.Equal(int.MaxValue, BitPacking.PackedLength(int.MaxValue, 8));
    }

    private static (byte[] Codes, int Bits) Codes(byte[] raw, byte k)
    {
        int bits = (k % BitPacking.MaxBits) + 1;
        return ([.. raw.Select(value => (byte)(value & ((1 << bits) - 1)))], bits);
    }
}
