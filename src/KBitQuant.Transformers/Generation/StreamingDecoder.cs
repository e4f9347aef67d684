using KBitQuant.Transformers.Tokenization;

namespace KBitQuant.Transformers.Generation;

/// <summary>
/// Decodes a growing list of tokens piece by piece: what a token adds depends on those before it (spaces at the beginning,
/// characters whose bytes are spread over tokens), so a few are decoded again each time, and the difference is the piece.
/// </summary>
internal sealed class StreamingDecoder(TextTokenizer tokenizer, int[] context)
{
    /// <summary>A character has at most four bytes, and a token at least one; what is not whole by then never will be.</summary>
    private const int MaxTokensPerCharacter = 4;

    private const char Incomplete = '\uFFFD';

    private readonly List<int> _tokens = [.. context];
    private int _known = context.Length;

    /// <summary>Adds a token and returns the text that is now certain: nothing while a character is incomplete.</summary>
    public string Add(int token)
    {
        _tokens.Add(token);
        string piece = Flush(out bool isWhole);
        if (!isWhole && _tokens.Count - _known < MaxTokensPerCharacter)
            return "";
        Settle();
        return piece;
    }

    /// <summary>The rest of the text, with U+FFFD for what is incomplete.</summary>
    public string Finish()
    {
        string piece = Flush(out _);
        Settle();
        return piece;
    }

    private string Flush(out bool isWhole)
    {
        string before = tokenizer.Decode(_tokens.ToArray().AsSpan(0, _known));
        string after = tokenizer.Decode(_tokens.ToArray());
        isWhole = after.Length == 0 || after[^1] != Incomplete;
        return after.Length > before.Length ? after[before.Length..] : "";
    }

    /// <summary>Keeps the tokens of the last piece, before which the next one is decoded.</summary>
    private void Settle()
    {
        int kept = Math.Min(_tokens.Count, MaxTokensPerCharacter);
        _tokens.RemoveRange(0, _tokens.Count - kept);
        _known = kept;
    }
}
