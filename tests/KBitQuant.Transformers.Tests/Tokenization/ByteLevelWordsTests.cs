using System.Text.RegularExpressions;
using FsCheck.Xunit;
using KBitQuant.Transformers.Tokenization;

namespace KBitQuant.Transformers.Tests.Tokenization;

public class ByteLevelWordsTests
{
    /// <summary>Below U+10000 a character is one unit, and .NET's Regex means the same as the patterns' authors.</summary>
    [Property(MaxTest = 2000)]
    public void WordsAreThoseOfThePattern(ushort[] units, byte[] choices)
    {
        const string Common = "  \t\n\r\u00A0'sStTrREeVmlLdD12.-/aé日½²ǅʰ\u0301\u0903\u20DD";
        string text = string.Concat(choices.Select(choice => Common[choice % Common.Length]))
            + string.Concat(units.Where(unit => !char.IsSurrogate((char)unit)).Select(unit => (char)unit));
        foreach (string pattern in ByteLevelWords.Cutters.Keys)
        {
            IEnumerable<string> expected = Regex.Matches(text, pattern, RegexOptions.CultureInvariant).Select(match => match.Value);
            Assert.Equal(expected, Words(pattern, text));
        }
    }

    [Property(MaxTest = 1000)]
    public void NumbersApartAreCutBeforeAnyWord(byte[] choices)
    {
        const string Common = "  \t\n'st12½aé.";
        string text = string.Concat(choices.Select(choice => Common[choice % Common.Length]));
        foreach ((string number, bool everyDigit) in (ReadOnlySpan<(string, bool)>)[(@"\p{N}", true), (@"\p{N}+", false)])
        {
            IEnumerable<string> expected = Regex.Split(text, $"({number})")
                .SelectMany(part => Regex.Matches(part, ByteLevelWords.Gpt2Pattern, RegexOptions.CultureInvariant).Select(match => match.Value));
            Assert.Equal(expected, Words(ByteLevelWords.Gpt2WithNumbersApart(everyDigit), text));
        }
    }

    [Fact]
    public void CharactersBeyondTheBasicPlaneHaveTheirOwnKind()
    {
        // A mathematical letter, a mathematical digit, an emoji.
        const string Text = "a\U0001D49C\U0001D7D812\U0001D7D83\U0001F389!\U0001F389b";
        Assert.Equal(["a\U0001D49C", "\U0001D7D812\U0001D7D83", "\U0001F389!\U0001F389", "b"], Words(ByteLevelWords.Gpt2Pattern, Text));
        Assert.Equal(["a\U0001D49C", "\U0001D7D812", "\U0001D7D83", "\U0001F389!\U0001F389", "b"], Words(ByteLevelWords.Llama3Pattern, Text));
        Assert.Equal(["\U0001F389b", "\U0001D7D8", "1"], Words(ByteLevelWords.Qwen2Pattern, "\U0001F389b\U0001D7D81"));
        // A mathematical capital, a Deseret small letter and a Gothic letter without cases.
        Assert.Equal(["a", "\U0001D49C\U00010428", "\U0001D49C\U00010330", "\U0001D49C"],
            Words(ByteLevelWords.TekkenPattern, "a\U0001D49C\U00010428\U0001D49C\U00010330\U0001D49C"));
    }

    private static IEnumerable<string> Words(string pattern, string text) => Words(ByteLevelWords.Cutters[pattern], text);

    private static IEnumerable<string> Words(ByteLevelWords.Cutter cutter, string text)
    {
        for (int start = 0; start < text.Length;)
        {
            int length = cutter(text.AsSpan(start));
            yield return text.Substring(start, length);
            start += length;
        }
    }
}
