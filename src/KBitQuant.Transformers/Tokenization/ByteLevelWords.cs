using System.Buffers;
using System.Globalization;
using System.Text;

namespace KBitQuant.Transformers.Tokenization;

/// <summary>
/// Cuts text into words as GPT-2's pattern does:
/// <c>'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+</c>.
/// By hand, since .NET's Regex takes a character beyond U+FFFF for two units that are neither letter nor number.
/// </summary>
internal static class ByteLevelWords
{
    private static readonly string[] Contractions = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"];

    private enum Kind
    {
        Space,
        Letter,
        Number,
        Other,
    }

    /// <summary>The length in UTF-16 units of the first word of a text that is not empty.</summary>
    public static int FirstLength(ReadOnlySpan<char> text)
    {
        if (text[0] == '\'' && ContractionLength(text) is > 0 and int contraction)
            return contraction;
        // A space belongs to the word after it.
        int start = text is [' ', _, ..] ? 1 : 0;
        Kind kind = KindAt(text[start..], out _);
        return kind == Kind.Space ? SpaceLength(text) : start + RunLength(text[start..], kind);
    }

    private static int ContractionLength(ReadOnlySpan<char> text)
    {
        foreach (string contraction in Contractions)
        {
            if (text.StartsWith(contraction, StringComparison.Ordinal))
                return contraction.Length;
        }

        return 0;
    }

    private static int SpaceLength(ReadOnlySpan<char> text)
    {
        int length = RunLength(text, Kind.Space);
        // The last space before a word is left to it: it joins the word, or is a word of its own next time.
        return length == text.Length || length == 1 ? length : length - 1;
    }

    private static int RunLength(ReadOnlySpan<char> text, Kind kind)
    {
        int length = 0;
        while (length < text.Length && KindAt(text[length..], out int units) == kind)
            length += units;
        return length;
    }

    private static Kind KindAt(ReadOnlySpan<char> text, out int units)
    {
        if (Rune.DecodeFromUtf16(text, out Rune rune, out units) != OperationStatus.Done)
            return Kind.Other;
        if (Rune.IsWhiteSpace(rune))
            return Kind.Space;
        return Rune.GetUnicodeCategory(rune) switch
        {
            <= UnicodeCategory.OtherLetter => Kind.Letter,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => Kind.Number,
            _ => Kind.Other,
        };
    }
}
