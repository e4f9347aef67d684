namespace KBitQuant.Transformers.Tokenization;

/// <summary>
/// What stands for the unused pieces of a SentencePiece model. They are merged like others, and then taken apart again: into the two parts
/// that they were merged of, and these likewise where they are unused too. A single character has no parts and stays.
/// </summary>
internal sealed class UnusedPieces
{
    private readonly Dictionary<int, (MergedSymbol Left, MergedSymbol Right)> _parts = [];

    public UnusedPieces(IReadOnlyList<SentencePiece> pieces, IMergeRules rules)
    {
        SymbolMerger merger = new(rules);
        foreach ((int token, SentencePiece piece) in pieces.Index())
        {
            if (piece.Kind != SentencePieceKind.Unused)
                continue;
            // The last merge is the same in every text, as a piece's characters are merged among themselves until then. Of more than two
            // parts the piece never comes about.
            if (merger.Merge(piece.Text, longest: piece.Text.Length - 1) is [MergedSymbol left, MergedSymbol right])
                _parts[token] = (left, right);
        }
    }

    /// <summary>What stands for a part of a word: itself, unless its token is an unused piece.</summary>
    public IEnumerable<MergedSymbol> TakeApart(MergedSymbol symbol)
    {
        // No recursion: a file may nest pieces deeper than a thread's stack.
        Stack<MergedSymbol> rest = new([symbol]);
        while (rest.TryPop(out MergedSymbol part))
        {
            if (_parts.TryGetValue(part.Token, out (MergedSymbol Left, MergedSymbol Right) parts))
            {
                rest.Push(parts.Right with { Start = part.Start + parts.Right.Start });
                rest.Push(parts.Left with { Start = part.Start });
            }
            else
                yield return part;
        }
    }
}
