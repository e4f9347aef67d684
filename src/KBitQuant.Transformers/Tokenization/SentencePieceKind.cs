namespace KBitQuant.Transformers.Tokenization;

/// <summary>What a piece is for; the values are those of a model file's field <c>type</c>.</summary>
internal enum SentencePieceKind
{
    /// <summary>A character, or a result of merging.</summary>
    Normal = 1,

    /// <summary>Stands for characters that no piece has.</summary>
    Unknown = 2,

    /// <summary>Never found in a text, and decoded to none.</summary>
    Control = 3,

    /// <summary>Found in a text before anything is merged.</summary>
    UserDefined = 4,

    /// <summary>Merged, but in the end taken apart again (<see cref="UnusedPieces"/>).</summary>
    Unused = 5,

    /// <summary>A byte of a character that no piece has.</summary>
    Byte = 6,
}
