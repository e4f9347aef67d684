using KBitQuant.DataTypes;

namespace KBitQuant.Tests.DataTypes;

public class DataTypeTests
{
    [Fact]
    public void EveryCatalogTypeIsATableOfItsBits()
    {
        Assert.All(DataTypeCatalog.All, type =>
        {
            Assert.InRange(type.Bits, 2, 8);
            Assert.InRange(type.Codebook.Length, (1 << (type.Bits - 1)) + 1, 1 << type.Bits);
            Assert.Equal(1, type.Codebook.ToArray().Where(float.IsFinite).Max(Math.Abs));
            Assert.Same(type, DataTypeCatalog.Get(type.Name.ToUpperInvariant()));
        });
        foreach (string family in new[] { "int", "uint", "float", "dynamic", "udynamic", "quantile", "nf" })
            Assert.All(Enumerable.Range(2, 7), bits => Assert.Equal(bits, DataTypeCatalog.Get(family + bits).Bits));
    }

    [Fact]
    public void UnknownNamesAreAnsweredWithTheNearest()
    {
        var error = Assert.Throws<ArgumentException>(() => DataTypeCatalog.Get("nf44"));
        Assert.Contains("'nf44'", error.Message, StringComparison.Ordinal);
        Assert.Contains("nf4", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("int4", true, true)]
    [InlineData("uint8", true, false)]
    [InlineData("nf4", false, false)]
    [InlineData("float4", false, true)]
    [InlineData("dynamic3", false, false)]
    public void PropertiesOfTablesAreSeen(string name, bool isUniform, bool isSymmetric)
    {
        DataType type = DataTypeCatalog.Get(name);
        Assert.Equal(isUniform, type.IsUniform);
        Assert.Equal(isSymmetric, type.IsSymmetric);
    }

    [Fact]
    public void OcpFloatsHaveTheirLargestValuesAndReservedCodes()
    {
        // E4M3: 448 largest, 2^-9 smallest; only S.1111.111 is NaN. E5M2: 57344 and 2^-16; the top binade is reserved.
        DataType e4m3 = DataTypeCatalog.Get("fp8-e4m3");
        Assert.Equal(1, e4m3.Codebook[0x7E]);
        Assert.Equal(Math.ScaleB(1, -9) / 448, e4m3.Codebook[1], 1e-12);
        Assert.Equal([0x7F, 0xFF], Enumerable.Range(0, 256).Where(code => float.IsNaN(e4m3.Codebook[code])));
        DataType e5m2 = DataTypeCatalog.Get("fp8-e5m2");
        Assert.Equal(1, e5m2.Codebook[0x7B]);
        Assert.Equal(Math.ScaleB(1, -16) / 57344, e5m2.Codebook[1], 1e-15);
        Assert.Equal(float.PositiveInfinity, e5m2.Codebook[0x7C]);
        Assert.Equal(float.NegativeInfinity, e5m2.Codebook[0xFC]);
        Assert.True(float.IsNaN(e5m2.Codebook[0x7D]));
    }

    [Theory]
    [InlineData(3, 2)]
    [InlineData(4, 3)]
    [InlineData(8, 3)]
    public void TheStudyUsesItsExponentBits(int bits, int exponentBits) => Assert.Equal(exponentBits, MiniFloat.StudyExponentBits(bits));

    [Fact]
    public void TheHeuristicIsThatOfTheAppendix() =>
        Assert.Equal([1, 2, 2, 3, 3, 4, 4], Enumerable.Range(2, 7).Select(MiniFloat.HeuristicExponentBits));

    [Fact]
    public void TheGeneratorAgreesWithTheCanonicalConstants()
    {
        float[] generated = NormalFloat.Generate(4);
        float[] canonical = NormalFloat.Create(4).Codebook.ToArray();
        // The canonical constants came from a float32 computation.
        Assert.All(generated.Zip(canonical), pair => Assert.Equal(pair.Second, pair.First, 2e-7f));
    }

    [Fact]
    public void TablesAreNormalizedAndChecked()
    {
        var type = new DataType("mine", [-3, 0, 6]);
        Assert.Equal([-0.5f, 0, 1], type.Codebook.ToArray());
        Assert.Equal(2, type.Bits);
        Assert.Equal(1, new DataType("sign", [-1, 1]).Bits);
        Assert.Throws<ArgumentException>(() => new DataType("short", [1]));
        Assert.Throws<ArgumentException>(() => new DataType("long", new float[257]));
        Assert.Throws<ArgumentException>(() => new DataType("zeros", [0, 0]));
        Assert.Throws<ArgumentException>(() => new DataType("one value", [1, 1, float.NaN]));
        Assert.Throws<ArgumentException>(() => new DataType(" ", [0, 1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => IntegerTable.Signed(9));
        Assert.Throws<ArgumentOutOfRangeException>(() => NormalFloat.Create(1));
        Assert.Throws<ArgumentException>(() => MiniFloat.Create(4, 3, FloatVariant.PaperAppendix, SpecialCodes.NaN));
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => MiniFloat.Create(int.MaxValue, int.MaxValue, FloatVariant.Ieee));
        Assert.Contains($"E = {int.MaxValue}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TypesAreTheSameByNameTableAndWhetherTheyAreFitted()
    {
        float[] table = [-1, -0f, 0.5f];
        var type = new DataType("mine", table);
        Assert.True(type.IsSameAs(new DataType("mine", table)));
        Assert.False(type.IsSameAs(new DataType("other", table)));
        Assert.False(type.IsSameAs(new DataType("mine", [-1, 0f, 0.5f])));
        Assert.False(type.IsSameAs(DataType.Fitted("mine", table)));
        Assert.False(type.IsSameAs(null));
    }

    /// <summary>A block of zeros holds code 0: were that one reserved, zeros would decode to NaN.</summary>
    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void CodeZeroIsNotReserved(float entry)
    {
        var error = Assert.Throws<ArgumentException>(() => new DataType("mine", [entry, 1, -1]));
        Assert.Contains("code 0", error.Message, StringComparison.Ordinal);
        _ = new DataType("mine", [1, entry, -1]);
    }

    [Fact]
    public void QuantileTablesGiveEveryEntryItsShare()
    {
        var random = new Random(8);
        float[] values = [.. Enumerable.Range(0, 100_000).Select(_ => (float)Math.Pow(random.NextDouble(), 3))];
        DataType type = DataTypeCatalog.Get("quantile4").Fit(values);
        Assert.True(type is { IsFitted: true, IsPerTensor: true, Bits: 4 });
        Assert.Contains(0f, type.Codebook.ToArray());
        // Entry i is the quantile at (i + 1/2) / 15 of u^3, divided by the last one; zero is in front. Half rounding: 2^-11; the
        // sample's quantile errs by some 1/sqrt(n) in probability, times the density's inverse, at most 3.
        double bound = Math.ScaleB(1, -11) + (5 * 3 / Math.Sqrt(values.Length));
        double largest = Math.Pow(14.5 / 15, 3);
        for (int i = 0; i < 15; i++)
            Assert.Equal(Math.Pow((i + 0.5) / 15, 3) / largest, type.Codebook[i + 1], bound);
    }

    [Fact]
    public void QuantileTablesOfDegenerateTensorsStillQuantize()
    {
        foreach (float[] values in new float[][] { [0, 0, 0], [5], [.. Enumerable.Repeat(0f, 1000), 3] })
        {
            DataType type = DataTypeCatalog.Get("quantile3").Fit(values);
            Assert.Equal(8, type.Codebook.Length);
            Assert.Equal(1, type.Codebook.ToArray().Max());
        }

        Assert.Throws<ArgumentException>(() => DataTypeCatalog.Get("quantile3").Fit([]));
    }
}
