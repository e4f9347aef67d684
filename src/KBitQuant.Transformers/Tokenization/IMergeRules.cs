namespace KBitQuant.Transformers.Tokenization;

/// <summary>Which neighbours BPE merges, and which of them first.</summary>
internal interface IMergeRules
{
    /// <summary>In place of a token's id: a character that has none.</summary>
    const int NoToken = -1;

    /// <summary>The token of a single character, or <see cref="NoToken"/>.</summary>
    int TokenOf(ReadOnlySpan<char> character);

    /// <summary>Says whether two neighbours are merged.</summary>
    /// <param name="text">The text of both.</param>
    /// <param name="left">The first one's token, or <see cref="NoToken"/>.</param>
    /// <param name="right">The second one's.</param>
    /// <param name="token">The token that they become.</param>
    /// <param name="rank">Its rank, from 0 on; lower ones are merged first.</param>
    bool TryMerge(ReadOnlySpan<char> text, int left, int right, out int token, out int rank);
}
