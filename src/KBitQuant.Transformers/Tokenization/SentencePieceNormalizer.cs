using System.Text;

namespace KBitQuant.Transformers.Tokenization;

/// <summary>Brings text into the form that a SentencePiece model has pieces of: its replacements, then spaces.</summary>
/// <param name="model">The model.</param>
/// <param name="userDefined">Its user-defined pieces, which are not replaced.</param>
internal sealed class SentencePieceNormalizer(SentencePieceModel model, AddedTokens userDefined)
{
    /// <summary>What stands for a space in a vocabulary.</summary>
    public const char EscapedSpace = '\u2581';

    /// <summary>What is a space in normalized text.</summary>
    public char Space { get; } = model.EscapesSpaces ? EscapedSpace : ' ';

    public string Normalize(string text)
    {
        StringBuilder normalized = new(text.Length + 1);
        bool hasBegun = false, isAfterSpace = model.RemovesExtraSpaces;
        int nextPiece = -1;
        for (int position = 0; position < text.Length;)
        {
            ReadOnlySpan<char> unit = UnitAt(text, ref position, ref nextPiece);
            // Spaces before a text do not begin it, so that one of spaces alone is empty; a replacement by nothing does.
            if (!hasBegun && !(model.RemovesExtraSpaces && unit is " "))
            {
                hasBegun = true;
                normalized.Append(model.AddsSpaceBefore ? " " : "");
            }

            ReadOnlySpan<char> kept = isAfterSpace ? unit.TrimStart(' ') : unit;
            normalized.Append(kept);
            isAfterSpace = kept.IsEmpty ? isAfterSpace : model.RemovesExtraSpaces && kept[^1] == ' ';
        }

        string spaced = normalized.Replace(' ', Space).ToString();
        // The end is cut off last, so that what the text itself had for escaped spaces goes too.
        string trimmed = model.RemovesExtraSpaces ? spaced.TrimEnd(Space) : spaced;
        return hasBegun && model.AddsSpaceAfter ? trimmed + Space : trimmed;
    }

    /// <summary>What is taken as one, after replacement: a user-defined piece, what a rule replaces, or a character.</summary>
    /// <param name="text">The whole text.</param>
    /// <param name="position">Where it begins; is moved to its end.</param>
    /// <param name="nextPiece">Where the next user-defined piece begins, if that is known to be at the position or after it.</param>
    private ReadOnlySpan<char> UnitAt(string text, ref int position, ref int nextPiece)
    {
        ReadOnlySpan<char> rest = text.AsSpan(position);
        if (nextPiece < position)
            nextPiece = userDefined.IndexIn(rest) is >= 0 and int index ? position + index : text.Length;
        if (nextPiece == position)
        {
            position += userDefined.LongestAt(rest).Content.Length;
            return text.AsSpan(nextPiece, position - nextPiece);
        }

        if (model.Rules is { } rules && rules.TryMatch(rest, out int replaced, out string replacement))
        {
            position += replaced;
            return replacement;
        }

        int length = char.IsHighSurrogate(rest[0]) ? 2 : 1;
        position += length;
        return rest[..length];
    }
}
