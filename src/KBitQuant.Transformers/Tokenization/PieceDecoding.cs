namespace KBitQuant.Transformers.Tokenization;

/// <summary>How tokens that are pieces of text are decoded.</summary>
/// <param name="Pieces">The pieces, by token.</param>
/// <param name="UnknownText">What the unknown token gives.</param>
/// <param name="Spaces">What is done with spaces at the beginning.</param>
internal sealed record PieceDecoding(IReadOnlyDictionary<int, SentencePiece> Pieces, string UnknownText, LeadingSpaces Spaces);
