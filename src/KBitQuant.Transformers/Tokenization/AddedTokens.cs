using System.Buffers;
using System.Text;

namespace KBitQuant.Transformers.Tokenization;

/// <summary>Finds added tokens in a text, as Hugging Face's library does: the leftmost first, the longest of those that begin there.</summary>
internal sealed class AddedTokens
{
    /// <summary>By their first units, of each the longest first.</summary>
    private readonly ILookup<char, AddedToken> _longestFirst;
    private readonly SearchValues<string> _contents;

    public AddedTokens(IEnumerable<AddedToken> tokens)
    {
        // Normalizing may make two equal: then the first counts, of which special ones come before others.
        AddedToken[] distinct = [.. tokens.OrderByDescending(token => token.IsSpecial).DistinctBy(token => token.Content)];
        _longestFirst = distinct.OrderByDescending(token => token.Content.Length).ToLookup(token => token.Content[0]);
        _contents = SearchValues.Create([.. distinct.Select(token => token.Content)], StringComparison.Ordinal);
    }

    /// <summary>Appends a text's added tokens, and has the text between them appended, until there are enough.</summary>
    public void Split(string text, List<int> tokens, int maxTokens, Action<string> appendBetween)
    {
        // White space that a token takes beyond its own text may hold tokens too: where to search and what is done are apart.
        int position = 0, done = 0;
        while (tokens.Count < maxTokens && IndexIn(text.AsSpan(position)) is >= 0 and int index)
        {
            int start = position + index;
            AddedToken token = LongestAt(text.AsSpan(start));
            int end = position = start + token.Content.Length;
            if (token.IsSingleWord && !StandsAlone(text, start, end))
                continue;
            // What is done is not looked at again, as tokens may be white space themselves: of many, that would take the square.
            if (token.TakesSpaceBefore)
                start = done + text.AsSpan(done, Math.Max(start - done, 0)).TrimEnd().Length;
            if (token.TakesSpaceAfter)
                end = text.Length - text.AsSpan(Math.Max(end, done)).TrimStart().Length;
            if (done < start)
                appendBetween(text[done..start]);
            tokens.Add(token.Id);
            done = end;
        }

        if (done < text.Length && tokens.Count < maxTokens)
            appendBetween(text[done..]);
    }

    /// <summary>Where the first added token of a text begins; -1 for none.</summary>
    public int IndexIn(ReadOnlySpan<char> text) => text.IndexOfAny(_contents);

    /// <summary>The longest token that a text, which must begin with one, begins with.</summary>
    public AddedToken LongestAt(ReadOnlySpan<char> text)
    {
        foreach (AddedToken token in _longestFirst[text[0]])
        {
            if (text.StartsWith(token.Content, StringComparison.Ordinal))
                return token;
        }

        throw new InvalidOperationException("A token was found where none begins.");
    }

    private static bool StandsAlone(ReadOnlySpan<char> text, int start, int end)
    {
        bool isAfterWord = Rune.DecodeLastFromUtf16(text[..start], out Rune before, out _) == OperationStatus.Done && WordCharacter.Is(before);
        bool isBeforeWord = Rune.DecodeFromUtf16(text[end..], out Rune after, out _) == OperationStatus.Done && WordCharacter.Is(after);
        return !isAfterWord && !isBeforeWord;
    }
}
