namespace KBitQuant.Transformers.Tokenization;

/// <summary>What decoding does with spaces at the beginning of a text.</summary>
internal enum LeadingSpaces
{
    Kept,

    /// <summary>One is dropped, as encoding put it there.</summary>
    OneDropped,

    /// <summary>As SentencePiece does it for models without extra spaces: one of each piece is dropped until the text has begun.</summary>
    Dropped,
}
