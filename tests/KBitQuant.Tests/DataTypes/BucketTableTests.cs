using System.Runtime.Intrinsics;
using KBitQuant.DataTypes;
using KBitQuant.Tests.Quantization;

namespace KBitQuant.Tests.DataTypes;

/// <summary>Buckets choose the codes that the plain definition does.</summary>
[Trait("Category", "Isa")]
public class BucketTableTests
{
    public static TheoryData<string> TypeNames => [.. TestData.RepresentativeTypes.Select(type => type.Name)];

    [Theory]
    [MemberData(nameof(TypeNames))]
    public void BucketsFollowTheDefinition(string name)
    {
        SortedCodebook codebook = TestData.RepresentativeTypes.Single(type => type.Name == name).Search;
        if (codebook.Buckets is not { } table)
            return;
        Assert.True(table.Buckets.Length <= BucketTable.MaxBuckets);
        float[] thresholds = codebook.Thresholds[..(codebook.Count - 1)];
        IEnumerable<float> values = thresholds.SelectMany(t => new[] { t, MathF.BitIncrement(t), MathF.BitDecrement(t) })
            .Concat(TestData.Normal(20_000, 7).Select(value => value * 20))
            .Concat([0, -0f, 1, -1, 2, -2, 1e30f, -1e30f, float.Epsilon, -float.Epsilon]);
        IBuckets rule = table.IsEven ? default(EvenBuckets) : default(ExponentBuckets);
        foreach (float value in values)
        {
            int index = rule.IndexOf(value, table.Key);
            Assert.Equal(Vector256.Create(index), rule.IndexOf(Vector256.Create(value), table.Key));
            Bucket bucket = table.Buckets[index];
            Assert.Equal(codebook.Nearest(value), (int)(value > bucket.Threshold ? bucket.Codes >> 8 : bucket.Codes & 0xFF));
        }
    }

    [Theory]
    [InlineData("nf4", true)]
    [InlineData("int4", true)]
    [InlineData("int8", true)]
    [InlineData("fp4", false)]
    [InlineData("dynamic8", false)]
    public void UsualTypesHaveBuckets(string name, bool isEven) =>
        Assert.Equal(isEven, DataTypeCatalog.Get(name).Search.Buckets!.IsEven);

    [Fact]
    public void EvenlySpacedTypesHaveRanksByArithmetic() =>
        Assert.All(DataTypeCatalog.All.Where(type => type.IsUniform), type => Assert.NotNull(type.Search.Even));

    [Theory]
    [InlineData("nf4")]
    [InlineData("fp8-e4m3")]
    [InlineData("quantile5")]
    public void OthersHaveNone(string name) => Assert.Null(DataTypeCatalog.Get(name).Search.Even);
}
