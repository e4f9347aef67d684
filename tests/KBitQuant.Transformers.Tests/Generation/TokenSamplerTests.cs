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

    [Fact]
    public void GreedyTakesTheFirstOfTheLikeliest() =>
        Assert.Equal(1, new TokenSampler(new()).Next([float.NegativeInfinity, 3, 3, -1]));

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
