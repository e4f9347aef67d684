using KBitQuant.Compute.Cpu.Kernels.RowLanes;
using KBitQuant.DataTypes;

namespace KBitQuant.Tests.Compute.Cpu;

public class ShortTableTests
{
    private const int PlaneLength = 256;

    [Theory]
    [InlineData("float6")]
    [InlineData("float7")]
    [InlineData("float8")]
    [InlineData("float8-e4m3-map")]
    [InlineData("fp6-e3m2")]
    [InlineData("fp8-e4m3")]
    [InlineData("fp8-e5m2")]
    [InlineData("int4")]
    public void EntriesDifferByTheRoundingsOfEntryAndStep(string name)
    {
        DataType type = DataTypeCatalog.Get(name);
        var table = ShortTable.Of(type);
        Assert.NotNull(table);
        for (int code = 0; code < type.Codebook.Length; code++)
        {
            float entry = type.Codebook[code];
            double product = (double)EntryOf(table, code) * table.Step;
            if (float.IsFinite(entry))
                Assert.InRange(product, entry - Math.ScaleB(Math.Abs(entry), -23), entry + Math.ScaleB(Math.Abs(entry), -23));
            else
                Assert.Equal(entry, product);
        }
    }

    [Theory]
    [InlineData("nf8")]
    [InlineData("dynamic8")]
    [InlineData("nf6")]
    public void OtherTablesAreNone(string name) => Assert.Null(ShortTable.Of(DataTypeCatalog.Get(name)));

    /// <summary>The upper half of the float; the lower one is to be 0.</summary>
    private static float EntryOf(ShortTable table, int code)
    {
        Assert.Equal(0, table.Planes[code] | table.Planes[PlaneLength + code]);
        int bits = (table.Planes[(2 * PlaneLength) + code] << 16) | (table.Planes[(3 * PlaneLength) + code] << 24);
        return BitConverter.Int32BitsToSingle(bits);
    }
}
