using KBitQuant.Numerics;

namespace KBitQuant.Tests.Numerics;

[Trait("Category", "Isa")]
public class BFloat16Tests
{
    private static readonly ushort[] AllBits = [.. Enumerable.Range(0, 1 << 16).Select(bits => (ushort)bits)];

    [Fact]
    public void WideningAndRoundingBackKeepsEveryValue()
    {
        foreach (ushort bits in AllBits)
        {
            BFloat16 value = BFloat16.FromBits(bits);
            BFloat16 back = (BFloat16)(float)value;
            Assert.Equal(BFloat16.IsNaN(value), BFloat16.IsNaN(back));
            if (!BFloat16.IsNaN(value))
                Assert.Equal(bits, BFloat16.ToBits(back));
        }
    }

    [Fact]
    public void RoundingIsToNearestTiesToEven()
    {
        foreach (ushort bits in AllBits.Where(bits => (bits & 0x7F80) != 0x7F80))
        {
            uint low = (uint)bits << 16;
            ushort up = (ushort)(bits + 1);
            ushort even = (bits & 1) == 0 ? bits : up;
            Assert.Equal(bits, BFloat16.ToBits((BFloat16)BitConverter.UInt32BitsToSingle(low + 0x7FFF)));
            Assert.Equal(even, BFloat16.ToBits((BFloat16)BitConverter.UInt32BitsToSingle(low + 0x8000)));
            Assert.Equal(up, BFloat16.ToBits((BFloat16)BitConverter.UInt32BitsToSingle(low + 0x8001)));
        }
    }

    [Fact]
    public void RoundingFromDoubleIsOneRounding()
    {
        // Just above the tie between 1 and the next value: by way of float it would fall on the tie and go to even.
        double aboveTie = 1 + Math.ScaleB(1, -8) + Math.ScaleB(1, -40);
        Assert.Equal(0x3F81, BFloat16.ToBits((BFloat16)aboveTie));
        Assert.Equal(0x3F80, BFloat16.ToBits((BFloat16)(aboveTie - Math.ScaleB(1, -39))));
        Assert.Equal(0xBF81, BFloat16.ToBits((BFloat16)(-aboveTie)));
    }

    [Fact]
    public void SpansConvertAsSingleValuesDo()
    {
        BFloat16[] values = [.. AllBits.Select(BFloat16.FromBits)];
        var wide = new float[values.Length];
        Elements.ToSingle<BFloat16>(values, wide);
        Assert.Equal(values.Select(value => BitConverter.SingleToInt32Bits((float)value)), wide.Select(BitConverter.SingleToInt32Bits));
        float[] between = [.. wide.SelectMany(value => new[] { value, BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(value) + 0x8000) }).Append(1.25f)];
        var narrow = new BFloat16[between.Length];
        Elements.FromSingle<BFloat16>(between, narrow);
        Assert.Equal(between.Select(value => BFloat16.ToBits((BFloat16)value)), narrow.Select(BFloat16.ToBits));
    }

    [Fact]
    public void HalfSpansConvertAsSingleValuesDo()
    {
        Half[] values = [.. AllBits.Select(BitConverter.UInt16BitsToHalf)];
        var wide = new float[values.Length];
        Elements.ToSingle<Half>(values, wide);
        Assert.Equal(values.Select(value => (float)value), wide);
        var narrow = new Half[wide.Length];
        Elements.FromSingle<Half>(wide, narrow);
        Assert.Equal(values, narrow);
    }

    [Fact]
    public void OrderIsThatOfFloats()
    {
        Assert.True(BFloat16.NaN != BFloat16.NaN);
        Assert.True((BFloat16)0f == -(BFloat16)0f);
        Assert.True((BFloat16)1f < (BFloat16)2f && (BFloat16)2f >= (BFloat16)2f && BFloat16.MaxValue < BFloat16.PositiveInfinity);
        Assert.Equal("1.5", ((BFloat16)1.5f).ToString());
    }

    [Fact]
    public void OtherElementTypesAndShortSpansAreRefused()
    {
        Assert.Throws<NotSupportedException>(() => Elements.ToSingle<double>(new double[1], new float[1]));
        Assert.Throws<NotSupportedException>(() => Elements.FromSingle<int>(new float[1], new int[1]));
        Assert.Throws<ArgumentException>(() => Elements.ToSingle<Half>(new Half[2], new float[1]));
    }
}
