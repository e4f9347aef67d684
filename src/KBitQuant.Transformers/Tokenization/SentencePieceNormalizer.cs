using System.Text;

namespace KBitQuant.Transformers.Tokenization;

/// <summary>Brings text into the form that SentencePiece models have pieces of, by the rule 'identity', which changes spaces alone.</summary>
internal sealed class SentencePieceNormalizer(SentencePieceModel model)
{
    /// <summary>What stands for a space in a vocabulary.</summary>
    public const char EscapedSpace = '\u2581';

    /// <summary>What is a space in normalized text.</summary>
    public char Space { get; } = model.EscapesSpaces ? EscapedSpace : ' ';

    public string Normalize(string text)
    {
        string kept = model.RemovesExtraSpaces ? WithoutExtraSpaces(text) : text;
        if (kept.Length == 0)
            return "";
        string normalized = (model.AddsDummyPrefix ? " " + kept : kept).Replace(' ', Space);
        // SentencePiece cuts the end off last, so that what the text itself had for escaped spaces goes too.
        return model.RemovesExtraSpaces ? normalized.TrimEnd(Space) : normalized;
    }

    private static string WithoutExtraSpaces(string text)
    {
        StringBuilder kept = new(text.Length);
        char previous = ' ';
        foreach (char character in text)
        {
            if (character != ' ' || previous != ' ')
                kept.Append(character);
            previous = character;
        }

        return kept.ToString();
    }
}
