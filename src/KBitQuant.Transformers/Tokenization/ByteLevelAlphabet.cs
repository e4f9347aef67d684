using System.Text;

namespace KBitQuant.Transformers.Tokenization;

/// <summary>
/// GPT-2's spelling of bytes as characters in a vocabulary: the visible characters of Latin-1 stand for themselves, the
/// other 68 bytes, in order, are U+0100 and on (so a space is <c>Ġ</c>).
/// </summary>
internal static class ByteLevelAlphabet
{
    private const int FirstSubstitute = 0x100;

    /// <summary>Each byte's character.</summary>
    public static IReadOnlyList<char> Characters { get; } = MakeCharacters();

    private static readonly Dictionary<char, byte> Bytes = Characters.Select((character, value) => (character, value))
        .ToDictionary(pair => pair.character, pair => (byte)pair.value);

    /// <summary>The bytes that a vocabulary entry spells; a character outside the alphabet stands for its own UTF-8.</summary>
    public static byte[] ToBytes(string token)
    {
        List<byte> bytes = new(token.Length);
        foreach (Rune rune in token.EnumerateRunes())
        {
            if (rune.IsBmp && Bytes.TryGetValue((char)rune.Value, out byte value))
                bytes.Add(value);
            else
                bytes.AddRange(Encoding.UTF8.GetBytes(rune.ToString()));
        }

        return [.. bytes];
    }

    /// <summary>A text's UTF-8 as a vocabulary spells it.</summary>
    public static string Spell(ReadOnlySpan<char> text)
    {
        var bytes = new byte[Encoding.UTF8.GetByteCount(text)];
        Encoding.UTF8.GetBytes(text, bytes);
        return string.Create(bytes.Length, bytes, (spelled, source) =>
        {
            for (int i = 0; i < spelled.Length; i++)
                spelled[i] = Characters[source[i]];
        });
    }

    private static char[] MakeCharacters()
    {
        char[] characters = new char[byte.MaxValue + 1];
        int substitutes = 0;
        for (int value = 0; value < characters.Length; value++)
            characters[value] = IsVisible((char)value) ? (char)value : (char)(FirstSubstitute + substitutes++);
        return characters;
    }

    // The soft hyphen, U+00AD, is invisible.
    private static bool IsVisible(char character) =>
        character is (>= '!' and <= '~') or (>= '\u00A1' and <= '\u00AC') or (>= '\u00AE' and <= '\u00FF');
}
