using FsCheck.Xunit;
using KBitQuant.Transformers.Generation;

namespace KBitQuant.Transformers.Tests.Generation;

public class TokenSamplerTests
{
    private static readonly float[] Probabilities = [0.1f, 0.4f, 0.15f, 0.3f, 0.05f];

    [Fact]
    public void DrawsFollowTheProbabilities() => AssertFrequencies(new() { Temperature = 1 }, Probabilities);

    /// <summary>Half the temperature squares the ratios of probabilities.</summary>
    [Fact]
    public void TemperatureSharpens() =>
        AssertFrequencies(new() { Temperature = 0.5f }, [.. Probabilities.Select(p => p * p / Probabilities.Sum(q => q * q))]);

    [Fact]
    public void TheNucleusIsTheSmallestThatReachesTopP()
    {
        AssertFrequencies(new() { Temperature = 1, TopP = 0.75f }, [0, 0.4f / 0.85f, 0.15f / 0.85f, 0.3f / 0.85f, 0]);
        AssertFrequencies(new() { Temperature = 1, TopP = 0.69f }, [0, 0.4f / 0.7f, 0, 0.3f / 0.7f, 0]);
        AssertFrequencies(new() { Temperature = 1, TopP = 0.01f }, [0, 1, 0, 0, 0]);
    }

    /// <summary>Also where the draw is as near to 1 as a double can be. A float sum of m weights is within m u of itself; those on the way have all
    /// n weights and at most n, n / 2, n / 4, ... of them: what was subtracted is within 3 n u of the sum of all, and a little for products of
    /// roundings.</summary>
    [Property(MaxTest = 1000)]
    public void ADrawIsTheFirstIndexWhoseSumGoesBeyondIt(int seed)
    {
        var random = new Random(seed);
        // From subnormal to huge, one in three 0, one of them not.
        float[] weights = [.. Enumerable.Range(0, 1 + random.Next(300)).Select(_ => random.Next(3) == 0 ? 0 : MathF.ScaleB(random.NextSingle(), random.Next(-140, 100)))];
        weights[random.Next(weights.Length)] = 1 + random.NextSingle();
        foreach (double uniform in (double[])[0, random.NextDouble(), Math.BitDecrement(1.0)])
        {
            int index = TokenSampler.Draw(weights, uniform);

            Assert.InRange(index, 0, weights.Length - 1);
            Assert.True(weights[index] > 0);
            double all = Sum(weights), tolerance = 3.01 * weights.Length * all / (1 << 24);
            Assert.InRange(uniform * all, Sum(weights[..index]) - tolerance, Sum(weights[..(index + 1)]) + tolerance);
        }

        static double Sum(float[] weights) => weights.Aggregate(0.0, (sum, weight) => sum + weight);
    }

    [Theory]
    [InlineData(float.NaN, 1)]
    [InlineData(float.PositiveInfinity, 1)]
    [InlineData(float.NegativeInfinity, 0)]
    public void NothingIsDrawnByLogitsThatAreNotFinite(float logit, int token)
    {
        float[] logits = [float.NegativeInfinity, logit, float.NegativeInfinity];
        InvalidOperationException exception = Assert.Throws<InvalidOperationException>(() => new TokenSampler(new() { Temperature = 1 }).Next(logits));
        Assert.Contains($"token {token} is", exception.Message, StringComparison.Ordinal);
    }

    private static void AssertFrequencies(SamplingOptions options, float[] expected)
    {
        const int Draws = 20_000;
        var sampler = new TokenSampler(options with { Seed = 1 });
        var counts = new int[expected.Length];
        for (int i = 0; i < Draws; i++)
            counts[sampler.Next([.. Probabilities.Select(p => MathF.Log(p) + 7)])]++;
        for (int i = 0; i < counts.Length; i++)
        {
            // Five standard deviations of a binomial count.
            double deviation = Math.Sqrt(Draws * expected[i] * (1 - expected[i]));
            Assert.InRange(counts[i] - (Draws * expected[i]), -5 * deviation, 5 * deviation);
        }
    }
}
