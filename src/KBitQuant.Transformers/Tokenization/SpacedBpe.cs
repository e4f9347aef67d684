using System.Text;

namespace KBitQuant.Transformers.Tokenization;

/// <summary>
/// BPE of characters, for texts whose spaces are a character of the vocabulary like others. A character that the vocabulary lacks
/// becomes tokens of its bytes or, of a vocabulary without bytes, the unknown token.
/// </summary>
internal sealed class SpacedBpe
{
    private readonly IMergeRules _rules;
    private readonly char _space;
    private readonly int[]? _byteTokens;
    private readonly int _unknownToken;
    private readonly bool _canSplit;

    /// <param name="rules">The merges.</param>
    /// <param name="results">The texts that they may result in.</param>
    /// <param name="space">What stands for a space.</param>
    /// <param name="byteTokens">The 256 tokens of bytes; null for none.</param>
    /// <param name="unknownToken">Of a vocabulary without bytes, the token of characters that it lacks.</param>
    public SpacedBpe(IMergeRules rules, IEnumerable<string> results, char space, int[]? byteTokens, int unknownToken = IMergeRules.NoToken)
    {
        _rules = rules;
        _space = space;
        _byteTokens = byteTokens;
        _unknownToken = unknownToken;
        _canSplit = results.All(piece => WordLength(piece) == piece.Length);
    }

    /// <summary>Whether every space begins a word, so that none is merged with what is before it.</summary>
    public bool CutsAtEverySpace { get; init; }

    /// <summary>The merged pieces that are no tokens of a text; null for none.</summary>
    public UnusedPieces? Unused { get; init; }

    /// <summary>Appends a text's tokens, at least <paramref name="maxTokens"/> if it has so many, and soon no more.</summary>
    public void Append(ReadOnlySpan<char> text, List<int> tokens, int maxTokens)
    {
        SymbolMerger merger = new(_rules);
        while (!text.IsEmpty && tokens.Count < maxTokens)
        {
            ReadOnlySpan<char> word = text[..FirstLength(text)];
            IReadOnlyList<MergedSymbol> merged = merger.Merge(word);
            foreach (MergedSymbol symbol in Unused is null ? merged : merged.SelectMany(Unused.TakeApart))
            {
                if (symbol.Token == IMergeRules.NoToken)
                    AppendUnknown(word.Slice(symbol.Start, symbol.Length), tokens);
                else
                    tokens.Add(symbol.Token);
            }

            text = text[word.Length..];
        }
    }

    private void AppendUnknown(ReadOnlySpan<char> character, List<int> tokens)
    {
        if (_byteTokens is null)
        {
            // Unknown characters that follow each other are one token.
            if (tokens.Count == 0 || tokens[^1] != _unknownToken)
                tokens.Add(_unknownToken);
            return;
        }

        Span<byte> bytes = stackalloc byte[4];
        foreach (byte value in bytes[..Encoding.UTF8.GetBytes(character, bytes)])
            tokens.Add(_byteTokens[value]);
    }

    private int FirstLength(ReadOnlySpan<char> text)
    {
        if (!CutsAtEverySpace)
            return _canSplit ? WordLength(text) : text.Length;
        int next = text[1..].IndexOf(_space);
        return next < 0 ? text.Length : next + 1;
    }

    /// <summary>
    /// The length up to the first space that follows something else. Where no merge reaches over such a place, words can be
    /// encoded one by one with the same result.
    /// </summary>
    private int WordLength(ReadOnlySpan<char> text)
    {
        int start = text.IndexOfAnyExcept(_space);
        int length = start < 0 ? -1 : text[start..].IndexOf(_space);
        return length < 0 ? text.Length : start + length;
    }
}
