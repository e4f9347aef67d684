using System.Numerics.Tensors;

namespace KBitQuant.Transformers.Models;

/// <summary>What is read from the logits of one token.</summary>
internal static class Logits
{
    /// <summary>The token with the largest logit, the first of several.</summary>
    /// <exception cref="InvalidOperationException">The largest logit is no finite number.</exception>
    public static int Likeliest(ReadOnlySpan<float> logits)
    {
        int likeliest = TensorPrimitives.IndexOfMax(logits);
        return float.IsFinite(logits[likeliest])
            ? likeliest
            : throw new InvalidOperationException(FormattableString.Invariant(
                $"Tokens are chosen by logits whose largest is finite; that of token {likeliest} is {logits[likeliest]}."));
    }
}
