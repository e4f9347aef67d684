namespace KBitQuant.Transformers.Generation;

/// <summary>How the next token is chosen, and when to stop. The same options give the same text.</summary>
public sealed record SamplingOptions
{
    /// <summary>What logits are divided by before they become probabilities; 0 always takes the likeliest token
    /// (greedy).</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not finite.</exception>
    public float Temperature
    {
        get;
        init => field = value >= 0 && float.IsFinite(value)
            ? value
            : throw new ArgumentOutOfRangeException(
                nameof(Temperature), FormattableString.Invariant($"A temperature is 0 (greedy) or above, and finite; {value} was given."));
    }

    /// <summary>Only the likeliest tokens that together reach this probability are drawn from (nucleus sampling, arXiv
    /// 1904.09751); in (0, 1], 1 for all tokens.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is out of range.</exception>
    public float TopP
    {
        get;
        init => field = value is > 0 and <= 1
            ? value
            : throw new ArgumentOutOfRangeException(
                nameof(TopP), FormattableString.Invariant($"Top-p is above 0 and at most 1; {value} was given."));
    } = 1;

    /// <summary>The seed of the random draws.</summary>
    public int Seed { get; init; }

    /// <summary>The most tokens to generate; at least 0. A text also ends with an end token, or where the model's longest
    /// sequence is reached.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public int MaxTokens
    {
        get;
        init => field = value >= 0
            ? value
            : throw new ArgumentOutOfRangeException(
                nameof(MaxTokens), value, $"At least 0 tokens are generated; {value} was given.");
    } = 128;
}
