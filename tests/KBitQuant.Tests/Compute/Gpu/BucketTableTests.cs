using KBitQuant.Compute.Gpu.Kernels.Cuda.Streaming;
using KBitQuant.DataTypes;
using KBitQuant.Tests.Quantization;

namespace KBitQuant.Tests.Compute.Gpu;

/// <summary>Buckets choose the codes that the plain definition does.</summary>
public class BucketTableTests
{
    public static TheoryData<string> TypeNames => [.. TestData.RepresentativeTypes.Select(type => type.Name)];

    [Theory]
    [MemberData(nameof(TypeNames))]
    public void BucketsFollowTheDefinition(string name)
    {
        SortedCodebook codebook = TestData.RepresentativeTypes.Single(type => type.Name == name).Search;
        if (BucketTable.For(codebook) is not { } table)
            return;
        Assert.True(table.Buckets.Length * table.Copies * BucketTable.BucketBytes <= BucketTable.MaxBytes);
        float[] thresholds = codebook.Thresholds[..(codebook.Count - 1)];
        IEnumerable<float> values = thresholds.SelectMany(t => new[] { t, MathF.BitIncrement(t), MathF.BitDecrement(t) })
            .Concat(TestData.Normal(20_000, 7).Select(value => value * 20))
            .Concat([0, -0f, 1, -1, 2, -2, 1e30f, -1e30f, float.Epsilon, -float.Epsilon]);
        foreach (float value in values)
        {
            Bucket bucket = table.Buckets[table.IsEven ? default(EvenBuckets).IndexOf(value, table.Key) : default(ExponentBuckets).IndexOf(value, table.Key)];
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
        Assert.Equal(isEven, BucketTable.For(DataTypeCatalog.Get(name).Search)!.IsEven);
}
