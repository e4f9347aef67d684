using System.Numerics.Tensors;
using KBitQuant.Transformers.Models;

namespace KBitQuant.Transformers.Generation;

/// <summary>Draws tokens by their logits, at a temperature above 0.</summary>
internal sealed class TokenSampler(SamplingOptions options)
{
    private readonly Random _random = new(options.Seed);

    /// <summary>The next token; overwrites the logits.</summary>
    /// <exception cref="InvalidOperationException">The largest logit is no finite number.</exception>
    public int Next(Span<float> logits)
    {
        float largest = logits[Logits.Likeliest(logits)];
        TensorPrimitives.Subtract(logits, largest, logits);
        TensorPrimitives.Divide(logits, options.Temperature, logits);
        TensorPrimitives.Exp<float>(logits, logits);
        return options.TopP < 1 ? DrawFromNucleus(logits) : Draw(logits, _random.NextDouble());
    }

    /// <summary>Draws an index with probabilities proportional to weights.</summary>
    /// <param name="weights">Finite, none negative, not all 0.</param>
    /// <param name="uniform">In [0, 1): of the sum of all weights, the part that the sum up to the index is the first to go beyond, but for
    /// roundings.</param>
    /// <remarks>Goes down by halves, which sums of vectors make faster than adding one by one. A half whose sum is 0 is not entered, so that
    /// roundings cannot lead to a weight of 0.</remarks>
    internal static int Draw(ReadOnlySpan<float> weights, double uniform)
    {
        double rest = uniform * TensorPrimitives.Sum(weights);
        int first = 0;
        while (weights.Length > 1)
        {
            int half = weights.Length / 2;
            float left = TensorPrimitives.Sum(weights[..half]);
            if (rest < left || TensorPrimitives.Sum(weights[half..]) == 0)
            {
                weights = weights[..half];
                continue;
            }

            rest -= left;
            first += half;
            weights = weights[half..];
        }

        return first;
    }

    private int DrawFromNucleus(Span<float> weights)
    {
        var tokens = new int[weights.Length];
        for (int i = 0; i < tokens.Length; i++)
            tokens[i] = i;
        weights.Sort(tokens.AsSpan(), (a, b) => b.CompareTo(a));
        float nucleus = options.TopP * TensorPrimitives.Sum<float>(weights);
        float sum = 0;
        int count = 0;
        while (count < weights.Length && sum < nucleus)
            sum += weights[count++];
        return tokens[Draw(weights[..count], _random.NextDouble())];
    }
}
