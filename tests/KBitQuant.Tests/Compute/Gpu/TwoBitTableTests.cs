using FsCheck;
using FsCheck.Fluent;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Stationary.TwoBit;
using KBitQuant.DataTypes;

namespace KBitQuant.Tests.Compute.Gpu;

/// <summary>Entries of two bits as bytes.</summary>
public class TwoBitTableTests
{
    [Theory]
    [InlineData("int2", "-1 0 1 2", 1f)]
    [InlineData("uint2", "0 1 2 3", 1f / 3)]
    [InlineData("nf2", "-39 0 17 39", 1f / 39)]
    public void EntriesAreMultiplesOfTheLargestStep(string name, string bytes, float step)
    {
        TwoBitTable table = Assert.NotNull(TwoBitTable.Of(DataTypeCatalog.Get(name)));
        Assert.Equal(bytes, string.Join(' ', Bytes(table)));
        Assert.Equal(step, table.Step);
    }

    [Fact]
    public void EntriesAreAsCloseAsHalves() => Prop.ForAll(Tables(), type =>
    {
        if (TwoBitTable.Of(type) is not { } table)
            return;
        sbyte[] bytes = [.. Bytes(table)];
        for (int code = 0; code < type.Codebook.Length; code++)
            Assert.InRange(bytes[code] * (double)table.Step, Nearest(type.Codebook[code], -1), Nearest(type.Codebook[code], 1));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void MultiplesOfAStepAreFound() => Prop.ForAll(Gen.Choose(-127, 127).ArrayOf(3).ToArbitrary(), multiples =>
    {
        var type = new DataType("multiples", [.. multiples.Append(127).Distinct().Order().Select(value => value / 127f)]);
        if (type.Bits != 2)
            return;
        TwoBitTable table = Assert.NotNull(TwoBitTable.Of(type));
        sbyte[] bytes = [.. Bytes(table)];
        for (int code = 0; code < type.Codebook.Length; code++)
            Assert.Equal(type.Codebook[code], bytes[code] * (double)table.Step, 2.0 / (1 << 23));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void OthersHaveNone()
    {
        Assert.Null(TwoBitTable.Of(new DataType("apart", [-1, 0.00123f, 0.3579f, 0.77777f])));
        Assert.Null(TwoBitTable.Of(DataTypeCatalog.Get("nf3")));
    }

    private static IEnumerable<sbyte> Bytes(TwoBitTable table) => BitConverter.GetBytes(table.Bytes).Select(value => (sbyte)value);

    private static double Nearest(float entry, int sign) => entry * (1 + (sign * Math.Sign(entry) * (1.0 / (1 << 11))));

    private static Arbitrary<DataType> Tables() =>
        (from first in Gen.Choose(-100000, 100000)
         from second in Gen.Choose(-100000, 100000)
         from hasZero in Gen.Elements(false, true)
         let others = hasZero ? new[] { -1f, 0, 1 } : [-1f, second / 100001f, 1]
         select new DataType("some", [.. others.Append(first / 100001f).Distinct().Order()])).ToArbitrary();
}
