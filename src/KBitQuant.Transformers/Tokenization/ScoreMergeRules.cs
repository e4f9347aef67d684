namespace KBitQuant.Transformers.Tokenization;

/// <summary>SentencePiece's rules: neighbours are merged if their joined text is a piece, the one with the highest score first.</summary>
internal sealed class ScoreMergeRules : IMergeRules
{
    private readonly Dictionary<string, (int Token, int Rank)>.AlternateLookup<ReadOnlySpan<char>> _pieces;

    public ScoreMergeRules(IReadOnlyList<SentencePiece> pieces)
    {
        Dictionary<string, (int Token, int Rank)> byText = new(StringComparer.Ordinal);
        int rank = 0;
        float previous = float.PositiveInfinity;
        foreach ((int token, SentencePiece piece) in pieces.Index().OrderByDescending(entry => entry.Item.Score))
        {
            if (piece.Kind is not (SentencePieceKind.Normal or SentencePieceKind.Unused))
                continue;
            // Pieces of equal scores are of equal rank: then the leftmost is merged first, whichever it is.
            rank += piece.Score == previous ? 0 : 1;
            previous = piece.Score;
            byText.Add(piece.Text, (token, rank));
        }

        Results = byText.Keys;
        _pieces = byText.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>The texts that merging may result in.</summary>
    public IEnumerable<string> Results { get; }

    public int TokenOf(ReadOnlySpan<char> character) =>
        _pieces.TryGetValue(character, out (int Token, int Rank) piece) ? piece.Token : IMergeRules.NoToken;

    public bool TryMerge(ReadOnlySpan<char> text, int left, int right, out int token, out int rank)
    {
        bool found = _pieces.TryGetValue(text, out (int Token, int Rank) piece);
        (token, rank) = piece;
        return found;
    }
}
