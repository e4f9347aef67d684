namespace KBitQuant.Transformers.Tokenization;

/// <summary>A part of a word that became a token.</summary>
/// <param name="Start">Where it begins, in UTF-16 units.</param>
/// <param name="Length">How many it has.</param>
/// <param name="Token">Its token, or <see cref="IMergeRules.NoToken"/> for a character without one.</param>
internal readonly record struct MergedSymbol(int Start, int Length, int Token);
