using System.Buffers;

namespace KBitQuant.Transformers.Tokenization;

/// <summary>Finds added tokens in a text: the leftmost first, the longest of those that begin there.</summary>
internal sealed class AddedTokens
{
    private readonly (string Content, int Id)[] _longestFirst;
    private readonly SearchValues<string> _contents;

    public AddedTokens(IReadOnlyDictionary<string, int> tokens)
    {
        _longestFirst = [.. tokens.OrderByDescending(token => token.Key.Length).Select(token => (token.Key, token.Value))];
        _contents = SearchValues.Create([.. tokens.Keys], StringComparison.Ordinal);
    }

    /// <summary>Appends a text's added tokens, and has the text between them appended, until there are enough.</summary>
    public void Split(string text, List<int> tokens, int maxTokens, Action<string> appendBetween)
    {
        int position = 0;
        while (position < text.Length && tokens.Count < maxTokens)
        {
            ReadOnlySpan<char> rest = text.AsSpan(position);
            int found = IndexIn(rest);
            int length = found < 0 ? rest.Length : found;
            if (length > 0)
                appendBetween(text.Substring(position, length));
            position += length;
            if (found < 0)
                continue;
            (string content, int id) = LongestAt(text.AsSpan(position));
            tokens.Add(id);
            position += content.Length;
        }
    }

    /// <summary>Where the first added token of a text begins; -1 for none.</summary>
    public int IndexIn(ReadOnlySpan<char> text) => text.IndexOfAny(_contents);

    /// <summary>The longest token that a text, which must begin with one, begins with.</summary>
    public (string Content, int Id) LongestAt(ReadOnlySpan<char> text)
    {
        foreach ((string content, int id) in _longestFirst)
        {
            if (text.StartsWith(content, StringComparison.Ordinal))
                return (content, id);
        }

        throw new InvalidOperationException("A token was found where none begins.");
    }
}
