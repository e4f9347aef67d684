using KBitQuant.DataTypes;

namespace KBitQuant.Tests.DataTypes;

public class FloatEntriesTests
{
    [Theory]
    [InlineData("fp8-e4m3", true)]
    [InlineData("fp8-e5m2", true)]
    [InlineData("fp8-e6m1", true)]
    [InlineData("fp8-e3m4", false)]
    [InlineData("fp6-e3m2", false)]
    [InlineData("float8", false)]
    [InlineData("nf8", false)]
    [InlineData("int8", false)]
    public void FloatsOfEightBitsAndFewSubnormalsAreComputed(string name, bool areComputed) =>
        Assert.Equal(areComputed, DataTypeCatalog.Get(name).Small is not null);

    [Theory]
    [InlineData("fp8-e4m3", 0x7F)]
    [InlineData("fp8-e5m2", 0x7C)]
    public void ReservedCodesAreFoundWhereverTheyStand(string name, int reserved)
    {
        FloatEntries small = DataTypeCatalog.Get(name).Small!.Value;
        byte[] codes = [.. Enumerable.Range(0, 77).Select(i => (byte)((i % reserved) | (i % 2 << 7)))];
        Assert.False(small.AnyReserved(codes));
        for (int i = 0; i < codes.Length; i++)
        {
            byte code = codes[i];
            codes[i] = (byte)(reserved | (i % 2 << 7));
            Assert.True(small.AnyReserved(codes));
            codes[i] = code;
        }
    }
}
