using System.Globalization;
using System.Text;

namespace KBitQuant.Transformers.Tokenization;

/// <summary>
/// Characters of words, <c>\w</c> as Unicode's technical standard 18 has it and .NET's Regex does not: what is alphabetic, marks,
/// decimal digits, connecting punctuation and the two joiners.
/// </summary>
internal static class WordCharacter
{
    /// <summary>Whether a character is one.</summary>
    public static bool Is(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        <= UnicodeCategory.LetterNumber or UnicodeCategory.ConnectorPunctuation => true,
        // Of the symbols letters in circles, squares and the like are alphabetic.
        UnicodeCategory.OtherSymbol => rune.Value is (>= 0x24B6 and <= 0x24E9) or (>= 0x1F130 and <= 0x1F149)
            or (>= 0x1F150 and <= 0x1F169) or (>= 0x1F170 and <= 0x1F189),
        UnicodeCategory.Format => rune.Value is 0x200C or 0x200D,
        _ => false,
    };
}
