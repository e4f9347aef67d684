using System.Numerics.Tensors;

namespace KBitQuant.Transformers.Generation;

/// <summary>Draws tokens by their logits, at a temperature above 0.</summary>
internal sealed class TokenSampler(SamplingOptions options)
{
    private readonly Random _random = new(options.Seed);

    /// <summary>The next token; overwrites the logits.</summary>
    /// <exception cref="InvalidOperationException">The largest logit is no finite number.</exception>
    public int Next(Span<float> logits)
    {
        int likeliest = TensorPrimitives.IndexOfMax<float>(logits);
        float largest = logits[likeliest];
        if (!float.IsFinite(largest))
            throw new InvalidOperationException($"Tokens are drawn by logits whose largest is finite; that of token {likeliest} is {largest}.");
        TensorPrimitives.Subtract(logits, largest, logits);
        TensorPrimitives.Divide(logits, options.Temperature, logits);
        TensorPrimitives.Exp<float>(logits, logits);
        return options.TopP < 1 ? DrawFromNucleus(logits) : Draw(logits, _random.NextDouble());
    }

    /// <summary>Draws an index with probabilities proportional to weights.</summary>
    /// <param name="weights">Finite, none negative, not all 0.</param>
    /// <param name="uniform">In [0, 1): of the sum of all weights, the part that the sum up to the index is the first to go beyond.</param>
    /// <remarks>There is such an index: the last sum is that of all weights to the bit, and any double below 1 times it is rounded to less.
    /// A weight of 0 takes no sum beyond anything.</remarks>
    internal static int Draw(ReadOnlySpan<float> weights, double uniform)
    {
        double stop = 0;
        foreach (float weight in weights)
            stop += weight;
        stop *= uniform;
        double sum = weights[0];
        int i = 0;
        while (sum <= stop)
            sum += weights[++i];
        return i;
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
