using FsCheck.Xunit;
using KBitQuant.DataTypes;
using KBitQuant.Quantization;

namespace KBitQuant.Tests.Quantization;

[Trait("Category", "Isa")]
public class NearestEntryTests
{
    [Fact]
    public void EveryTypeTakesTheNearestEntryAndOfTwoTheSmaller()
    {
        foreach (DataType type in TestData.RepresentativeTypes)
            AssertNearest(type, [.. ProbesOf(type)]);
    }

    [Property(MaxTest = 200)]
    public void AnyTableTakesTheNearestEntry(short[] table, short[] values)
    {
        if (table.Distinct().Count() < DataType.MinEntries || table.Length > DataType.MaxEntries)
            return;
        AssertNearest(new DataType("any", [.. table.Select(value => (float)value)]), [.. values.Select(value => value / 40000f)]);
    }

    [Fact]
    public void NegativeValuesThatRoundToZeroTakeNegativeZero()
    {
        DataType type = DataTypeCatalog.Get("fp4");
        float[] values = [.. Enumerable.Repeat(0, 3).SelectMany(_ => new[] { -1e-9f, 1e-9f, 0f, -0f, -float.Epsilon, float.Epsilon, -1f, 1f })];
        var codes = new byte[values.Length];
        NearestEntry.Encode(values, 0, 1, type.Search, codes);
        Assert.Equal([8, 0, 0, 0, 8, 0, 11, 3], codes[..8]);
        Assert.Equal(codes[..8], codes[16..]);
    }

    /// <summary>Every entry, every midpoint between neighbours, and the floats on both sides of each.</summary>
    private static IEnumerable<float> ProbesOf(DataType type)
    {
        float[] entries = [.. type.Codebook.ToArray().Where(float.IsFinite).Order()];
        IEnumerable<float> middles = entries.Zip(entries.Skip(1), (a, b) => (float)(((double)a + b) / 2));
        return entries.Concat(middles).SelectMany(x => new[] { MathF.BitDecrement(x), x, MathF.BitIncrement(x) }).Append(-1.5f).Append(1.5f);
    }

    private static void AssertNearest(DataType type, float[] values)
    {
        var codes = new byte[values.Length];
        NearestEntry.Encode(values, 0, 1, type.Search, codes);
        for (int i = 0; i < values.Length; i++)
        {
            Assert.Equal(type.Search.Nearest(values[i]), codes[i]);
            double chosen = type.Codebook[codes[i]];
            double distance = Math.Abs(chosen - values[i]);
            foreach (float entry in type.Codebook)
                Assert.False(Math.Abs((double)entry - values[i]) < distance, $"{type}: {values[i]:R} took {chosen:R}, not {entry:R}");
            Assert.DoesNotContain(type.Codebook.ToArray(), entry => entry < chosen && Math.Abs((double)entry - values[i]) == distance);
        }
    }
}
