using System.Globalization;
using System.Text;

namespace KBitQuant.Transformers.Tokenization;

/// <summary>
/// Unicode normalization form C. In .NET's globalization-invariant mode <see cref="string.Normalize()"/> silently does
/// nothing; there, text is taken only where it surely is in form C already.
/// </summary>
internal static class NormalizationFormC
{
    /// <summary>Characters below this are all in form C, whatever stands around them.</summary>
    private const char FirstToCheck = '\u0300';

    /// <summary>
    /// Ranges that hold every character of Unicode 16 whose NFC_Quick_Check (UAX #15) is No or Maybe, and a few others
    /// where that makes the list shorter.
    /// </summary>
    private static readonly (int First, int Last)[] Unsure =
    [
        (0x0300, 0x0345), (0x0374, 0x0374), (0x037E, 0x037E), (0x0387, 0x0387), (0x0653, 0x0655), (0x093C, 0x093C),
        (0x0958, 0x095F), (0x09BE, 0x09BE), (0x09D7, 0x09DF), (0x0A33, 0x0A36), (0x0A59, 0x0A5E), (0x0B3E, 0x0B3E),
        (0x0B56, 0x0B5D), (0x0BBE, 0x0BD7), (0x0C56, 0x0C56), (0x0CC2, 0x0CD6), (0x0D3E, 0x0D57), (0x0DCA, 0x0DDF),
        (0x0F43, 0x0FB9), (0x102E, 0x102E), (0x1161, 0x1175), (0x11A8, 0x11C2), (0x1B35, 0x1B35), (0x1F71, 0x1FFD),
        (0x2000, 0x2001), (0x2126, 0x212B), (0x2329, 0x232A), (0x2ADC, 0x2ADC), (0x3099, 0x309A), (0xF900, 0xFAD9),
        (0xFB1D, 0xFB4E), (0x110BA, 0x110BA), (0x11127, 0x11127), (0x1133E, 0x11357), (0x113B8, 0x113C9),
        (0x114B0, 0x114BD), (0x115AF, 0x115AF), (0x11930, 0x11930), (0x1611E, 0x16129), (0x16D67, 0x16D68),
        (0x1D15E, 0x1D164), (0x1D1BB, 0x1D1C0), (0x2F800, 0x2FA1D),
    ];

    /// <summary>A noncharacter that normalization leaves as it is, and .NET refuses.</summary>
    private const char Refused = '\uFFFE';

    private static readonly bool RuntimeNormalizes = "e\u0301".Normalize(NormalizationForm.FormC).Length == 1;

    /// <summary>Normalizes a text.</summary>
    /// <param name="text">A text without unpaired surrogates.</param>
    /// <param name="what">What it is, for messages.</param>
    /// <exception cref="PlatformNotSupportedException">It may need it, and the runtime cannot.</exception>
    public static string Apply(string text, string what)
    {
        if (RuntimeNormalizes)
            return string.Join(Refused, text.Split(Refused).Select(part => part.Normalize(NormalizationForm.FormC)));
        if (FirstUnsure(text) is { } rune)
        {
            throw new PlatformNotSupportedException(
                $"The tokenizer brings text to Unicode form C, which {what} may need (U+{rune.Value:X4}) and .NET cannot do in "
                + "globalization-invariant mode; run with DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=0 and ICU installed.");
        }

        return text;
    }

    /// <summary>The first character that may change under normalization; null where the text is surely normalized.</summary>
    internal static Rune? FirstUnsure(string text)
    {
        bool afterMark = false;
        foreach (Rune rune in text.AsSpan().EnumerateRunes())
        {
            bool isMark = rune.Value >= FirstToCheck
                && Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
            // Neighbouring marks may be in the wrong order.
            if ((isMark && afterMark) || IsUnsure(rune.Value))
                return rune;
            afterMark = isMark;
        }

        return null;
    }

    private static bool IsUnsure(int value)
    {
        if (value < FirstToCheck)
            return false;
        foreach ((int first, int last) in Unsure)
        {
            if (value <= last)
                return value >= first;
        }

        return false;
    }
}
