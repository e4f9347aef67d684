using System.Text;

namespace KBitQuant.Transformers.Tokenization;

/// <summary>
/// Decodes tokens as they come. What a token adds depends on those before it: spaces at the beginning, characters whose bytes
/// are spread over tokens. For one thread at a time.
/// </summary>
internal abstract class TokenDecoder
{
    /// <summary>The text since the last <see cref="Take"/>.</summary>
    protected StringBuilder Text { get; } = new();

    /// <summary>Adds a token; one that there is not adds nothing.</summary>
    public abstract void Append(int token);

    /// <summary>Takes the text that is certain: a character is when it is whole, or surely none.</summary>
    public string Take()
    {
        string text = Text.ToString();
        Text.Clear();
        return text;
    }

    /// <summary>Takes the rest of the text, with U+FFFD for what is incomplete.</summary>
    public string Finish()
    {
        Flush();
        return Take();
    }

    protected abstract void Flush();
}
