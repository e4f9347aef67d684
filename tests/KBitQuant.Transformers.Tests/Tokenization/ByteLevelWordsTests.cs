using System.Text.RegularExpressions;
using FsCheck.Xunit;
using KBitQuant.Transformers.Tokenization;

namespace KBitQuant.Transformers.Tests.Tokenization;

public partial class ByteLevelWordsTests
{
    /// <summary>Below U+10000 a character is one unit, and .NET's Regex means the same as the pattern's authors.</summary>
    [Property(MaxTest = 2000)]
    public void WordsAreThoseOfThePattern(ushort[] units, byte[] choices)
    {
        const string Common = "  \t\n\u00A0'sstrevmlld12.-aé日½²";
        string text = string.Concat(choices.Select(choice => Common[choice % Common.Length]))
            + string.Concat(units.Where(unit => !char.IsSurrogate((char)unit)).Select(unit => (char)unit));
        Assert.Equal(Pattern().Matches(text).Select(match => match.Value), Words(text));
    }

    [Fact]
    public void CharactersBeyondTheBasicPlaneHaveTheirOwnKind()
    {
        // A mathematical letter, a mathematical digit, an emoji.
        Assert.Equal(["a\U0001D49C", "\U0001D7D8" + "1", "\U0001F389!", "b"], Words("a\U0001D49C\U0001D7D81\U0001F389!b"));
    }

    private static IEnumerable<string> Words(string text)
    {
        for (int start = 0; start < text.Length;)
        {
            int length = ByteLevelWords.FirstLength(text.AsSpan(start));
            yield return text.Substring(start, length);
            start += length;
        }
    }

    [GeneratedRegex(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
