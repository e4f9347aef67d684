using System.Globalization;
using System.Text;

namespace KBitQuant.Tool.Output;

/// <summary>Words out of files on a terminal: its control sequences begin with characters that no name needs.</summary>
internal static class PlainText
{
    /// <summary>The text with each control character written out, such as \u001b.</summary>
    public static string Of(string text)
    {
        if (!text.Any(char.IsControl))
            return text;
        var plain = new StringBuilder(text.Length);
        foreach (char character in text)
        {
            if (char.IsControl(character))
                plain.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");
            else
                plain.Append(character);
        }

        return plain.ToString();
    }
}
