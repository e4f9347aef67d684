using System.Buffers;
using System.Globalization;
using System.Text;

namespace KBitQuant.Transformers.Tokenization;

/// <summary>
/// Cuts text into words as a tokenizer's pattern does. By hand, since .NET's Regex takes a character beyond U+FFFF for two units that
/// are neither letter nor number.
/// </summary>
internal static class ByteLevelWords
{
    /// <summary>GPT-2's pattern, which tokenizers that name none have.</summary>
    public const string Gpt2Pattern = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    /// <summary>Llama 3's pattern.</summary>
    public const string Llama3Pattern = LettersPattern + @"\p{N}{1,3}" + OthersPattern;

    /// <summary>Qwen 2's pattern: Llama 3's, with every digit a word.</summary>
    public const string Qwen2Pattern = LettersPattern + @"\p{N}" + OthersPattern;

    /// <summary>The pattern of Mistral's Tekken: letters are cut before capitals that follow small ones, every digit is a word.</summary>
    public const string TekkenPattern = BeforeLetters + Capital + "*" + Small + "+|" + BeforeLetters + Capital + "+" + Small + "*"
        + @"|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    // Letters without cases, and marks, are both.
    private const string Capital = @"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", Small = @"[\p{Ll}\p{Lm}\p{Lo}\p{M}]";
    private const string BeforeLetters = @"[^\r\n\p{L}\p{N}]?";
    private const string LettersPattern = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|";
    private const string OthersPattern = @"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private static readonly string[] Contractions = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"];

    /// <summary>The length in UTF-16 units of the first word of a text that is not empty.</summary>
    public delegate int Cutter(ReadOnlySpan<char> text);

    private enum Kind
    {
        Space,
        Letter,
        Number,
        Other,
    }

    /// <summary>The patterns that text can be cut by.</summary>
    public static IReadOnlyDictionary<string, Cutter> Cutters { get; } = new Dictionary<string, Cutter>
    {
        [Gpt2Pattern] = FirstLengthOfGpt2,
        [Llama3Pattern] = text => FirstLengthOfLlama3(text, maxNumbers: 3),
        [Qwen2Pattern] = text => FirstLengthOfLlama3(text, maxNumbers: 1),
        [TekkenPattern] = FirstLengthOfTekken,
    };

    /// <summary>GPT-2's words, of a text that is cut before and after numbers first (Hugging Face's <c>Digits</c>).</summary>
    /// <param name="everyDigit">Whether every digit is a word, rather than digits in a row.</param>
    public static Cutter Gpt2WithNumbersApart(bool everyDigit) => text =>
    {
        Kind kind = KindAt(text, out int units);
        if (kind == Kind.Number)
            return everyDigit ? units : RunLength(text, Kind.Number);
        int spaces = RunLength(text, Kind.Space);
        // Before a number spaces are as at the end of a text: none is left to the next word.
        bool endsThere = spaces > 0 && spaces < text.Length && KindAt(text[spaces..], out _) == Kind.Number;
        return endsThere ? spaces : FirstLengthOfGpt2(text);
    };

    private static int FirstLengthOfGpt2(ReadOnlySpan<char> text)
    {
        if (ContractionLength(text, StringComparison.Ordinal) is > 0 and int contraction)
            return contraction;
        // A space belongs to the word after it.
        int start = text is [' ', _, ..] ? 1 : 0;
        Kind kind = KindAt(text[start..], out _);
        return kind == Kind.Space ? SpaceLength(text) : start + RunLength(text[start..], kind);
    }

    private static int FirstLengthOfLlama3(ReadOnlySpan<char> text, int maxNumbers)
    {
        if (ContractionLength(text, StringComparison.OrdinalIgnoreCase) is > 0 and int contraction)
            return contraction;
        Kind kind = KindAt(text, out int units);
        if (kind == Kind.Number)
            return RunLength(text, Kind.Number, maxNumbers);
        // Whatever else is on the line, of one character, belongs to the letters after it.
        int start = kind == Kind.Letter || IsLineEnd(text[0]) ? 0 : units;
        if (RunLength(text[start..], Kind.Letter) is > 0 and int letters)
            return start + letters;
        start = text[0] == ' ' ? 1 : 0;
        if (RunLength(text[start..], Kind.Other) is > 0 and int others)
            return start + others + LengthOfAny(text[(start + others)..], "\r\n");
        return LinesLength(text);
    }

    private static int FirstLengthOfTekken(ReadOnlySpan<char> text)
    {
        Kind kind = KindAt(text, out int units);
        if (kind == Kind.Number)
            return units;
        int start = kind == Kind.Letter || IsLineEnd(text[0]) ? 0 : units;
        if (LengthToSmall(text[start..]) is > 0 and int letters)
            return start + letters;
        // A mark may stand before letters, and is as good as one.
        if (LengthToSmall(text) is > 0 and int marks)
            return marks;
        if (CapitalLength(text[start..], out _) is > 0 and int capitals)
            return start + capitals;
        start = text[0] == ' ' ? 1 : 0;
        if (RunLength(text[start..], Kind.Other) is > 0 and int others)
            return start + others + LengthOfAny(text[(start + others)..], "\r\n/");
        return LinesLength(text);
    }

    /// <summary>The length of capital letters and small ones after them, of which there is at least one; 0 without.</summary>
    private static int LengthToSmall(ReadOnlySpan<char> text)
    {
        int capitals = CapitalLength(text, out int lastSmall), length = capitals;
        while (length < text.Length && CasesAt(text[length..], out int units).IsSmall)
            length += units;
        // Without, the last of the capitals that is both is the small one.
        return length > capitals ? length : lastSmall;
    }

    /// <summary>The length of capital letters.</summary>
    /// <param name="text">A text.</param>
    /// <param name="lastSmall">Up to where they are if the last is to be a small one as well.</param>
    private static int CapitalLength(ReadOnlySpan<char> text, out int lastSmall)
    {
        int length = lastSmall = 0;
        while (length < text.Length && CasesAt(text[length..], out int units) is { IsCapital: true } cases)
        {
            length += units;
            lastSmall = cases.IsSmall ? length : lastSmall;
        }

        return length;
    }

    private static (bool IsCapital, bool IsSmall) CasesAt(ReadOnlySpan<char> text, out int units)
    {
        Rune.DecodeFromUtf16(text, out Rune rune, out units);
        return Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.UppercaseLetter or UnicodeCategory.TitlecaseLetter => (true, false),
            UnicodeCategory.LowercaseLetter => (false, true),
            <= UnicodeCategory.EnclosingMark => (true, true),
            _ => (false, false),
        };
    }

    private static int ContractionLength(ReadOnlySpan<char> text, StringComparison comparison)
    {
        if (text[0] != '\'')
            return 0;
        foreach (string contraction in Contractions)
        {
            if (text.StartsWith(contraction, comparison))
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

    /// <summary>The length of white space up to the last end of a line in it; without one, as ever.</summary>
    private static int LinesLength(ReadOnlySpan<char> text)
    {
        int lineEnd = text[..RunLength(text, Kind.Space)].LastIndexOfAny('\r', '\n');
        return lineEnd >= 0 ? lineEnd + 1 : SpaceLength(text);
    }

    private static bool IsLineEnd(char character) => character is '\r' or '\n';

    private static int LengthOfAny(ReadOnlySpan<char> text, string characters)
    {
        int length = text.IndexOfAnyExcept(characters);
        return length < 0 ? text.Length : length;
    }

    /// <summary>The units of the characters of one kind that a text begins with, which may be none.</summary>
    private static int RunLength(ReadOnlySpan<char> text, Kind kind, int maxCharacters = int.MaxValue)
    {
        int length = 0;
        for (int i = 0; i < maxCharacters && length < text.Length && KindAt(text[length..], out int units) == kind; i++)
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
