namespace KBitQuant.Transformers.Tokenization;

/// <summary>A token that is matched in the text before any word is cut.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Content">Its text.</param>
/// <param name="IsNormalized">Whether it is looked for after normalization rather than before.</param>
/// <param name="IsSpecial">Whether it is no text, but a mark such as the end of one.</param>
internal sealed record AddedToken(int Id, string Content, bool IsNormalized, bool IsSpecial);
