using System.Globalization;
using System.Text;

namespace KBitQuant.Tool.Output;

/// <summary>Words out of files and models on a terminal: its control sequences begin with characters that no text needs.</summary>
internal static class PlainText
{
    /// <summary>What a text of several lines needs.</summary>
    public const string LineCharacters = "\n\r\t";

    /// <summary>The text with each control character written out, such as \u001b.</summary>
    /// <param name="text">The text.</param>
    /// <param name="kept">Control characters that are left as they are.</param>
    public static string Of(string text, string kept = "")
    {
        if (!text.Any(IsWrittenOut))
            return text;
        var plain = new StringBuilder(text.Length);
        foreach (char character in text)
        {
            if (IsWrittenOut(character))
                plain.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");
            else
                plain.Append(character);
        }

        return plain.ToString();

        bool IsWrittenOut(char character) => char.IsControl(character) && !kept.Contains(character);
    }
}
