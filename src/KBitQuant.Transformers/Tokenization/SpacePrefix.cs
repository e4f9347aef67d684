namespace KBitQuant.Transformers.Tokenization;

/// <summary>Where a space is put before text of a byte-fallback tokenizer.</summary>
internal enum SpacePrefix
{
    None,

    /// <summary>At the beginning of the text, unless it begins with a space.</summary>
    Beginning,

    /// <summary>There and after every added token, unless a space is there.</summary>
    Sections,
}
