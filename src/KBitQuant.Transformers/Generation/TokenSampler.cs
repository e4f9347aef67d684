using System.Numerics.Tensors;

namespace KBitQuant.Transformers.Generation;

/// <summary>Chooses tokens by their logits.</summary>
internal sealed class TokenSampler(SamplingOptions options)
{
    private readonly Random _random = new(options.Seed);

    /// <summary>The next token; overwrites the logits.</summary>
    public int Next(Span<float> logits)
    {
        int likeliest = TensorPrimitives.IndexOfMax<float>(logits);
        if (options.Temperature == 0)
            return likeliest;
        TensorPrimitives.Subtract(logits, logits[likeliest], logits);
        TensorPrimitives.Divide(logits, options.Temperature, logits);
        TensorPrimitives.Exp<float>(logits, logits);
        return options.TopP < 1 ? DrawFromNucleus(logits) : Draw(logits, TensorPrimitives.Sum<float>(logits));
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
        return tokens[Draw(weights[..count], sum)];
    }

    private int Draw(ReadOnlySpan<float> weights, float sum)
    {
        double rest = _random.NextDouble() * sum;
        int i = 0;
        for (; i < weights.Length - 1; i++)
        {
            rest -= weights[i];
            if (rest < 0)
                break;
        }

        return i;
    }
}
