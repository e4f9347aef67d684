namespace KBitQuant.Transformers.Tokenization;

/// <summary>A token that is matched in the text before any word is cut.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Content">Its text.</param>
internal sealed record AddedToken(int Id, string Content)
{
    /// <summary>Whether it is looked for after normalization rather than before.</summary>
    public bool IsNormalized { get; init; }

    /// <summary>Whether it is no text, but a mark such as the end of one.</summary>
    public bool IsSpecial { get; init; }

    /// <summary>Whether it is found only where no character of a word is beside it.</summary>
    public bool IsSingleWord { get; init; }

    /// <summary>Whether white space before it is part of it.</summary>
    public bool TakesSpaceBefore { get; init; }

    /// <summary>Whether white space after it is part of it.</summary>
    public bool TakesSpaceAfter { get; init; }
}
