namespace KBitQuant.Transformers.Tokenization;

/// <summary>An entry of a SentencePiece model's vocabulary; its id is its place.</summary>
/// <param name="Text">Its text, with U+2581 for spaces.</param>
/// <param name="Score">Of the pieces that may be merged, the one with the highest is.</param>
/// <param name="Kind">What it is for.</param>
internal readonly record struct SentencePiece(string Text, float Score, SentencePieceKind Kind);
