using System.Globalization;
using Google.Protobuf;
using KBitQuant.Transformers.Checkpoints;

namespace KBitQuant.Transformers.Tokenization;

/// <summary>What a SentencePiece model file says of its BPE tokenizer, checked as SentencePiece checks it.</summary>
internal sealed class SentencePieceModel
{
    private const int BytePairs = 2;
    private const int ByteCount = byte.MaxValue + 1;

    private static readonly string[] ModelTypes = ["Unigram", "BPE", "Word", "Char"];

    private readonly string _path;
    private readonly SentencePieceFile _file;

    private SentencePieceModel(string path, SentencePieceFile file)
    {
        _path = path;
        _file = file;
        RequireSupported();
        UnknownToken = IndexPieces();
        ByteTokens = FindBytes();
        BeginningOfText = ControlToken(file.BeginningPiece);
        EndOfText = ControlToken(file.EndPiece);
        Rules = file.NormalizationRules.IsEmpty ? null : ReadRules();
    }

    /// <summary>The vocabulary, by id.</summary>
    public IReadOnlyList<SentencePiece> Pieces => _file.Pieces;

    /// <summary>The id of every piece.</summary>
    public Dictionary<string, int> Tokens { get; } = new(StringComparer.Ordinal);

    /// <summary>The token of characters that no piece has.</summary>
    public int UnknownToken { get; }

    /// <summary>What the token of unknown characters is decoded to.</summary>
    public string UnknownText => _file.UnknownText;

    /// <summary>The 256 tokens of bytes, of which unknown characters are made; null if they have the unknown token instead.</summary>
    public int[]? ByteTokens { get; }

    public int? BeginningOfText { get; }

    public int? EndOfText { get; }

    /// <summary>What is replaced in a text; null for nothing (rule 'identity').</summary>
    public NormalizationRules? Rules { get; }

    /// <summary>Whether a space is put before a text.</summary>
    public bool AddsSpaceBefore => _file.AddsDummyPrefix && !_file.TreatsSpaceAsSuffix;

    /// <summary>Whether a space is put after a text.</summary>
    public bool AddsSpaceAfter => _file.AddsDummyPrefix && _file.TreatsSpaceAsSuffix;

    /// <summary>Whether spaces around a text are dropped, and several within are one.</summary>
    public bool RemovesExtraSpaces => _file.RemovesExtraSpaces;

    /// <summary>Whether spaces are U+2581 in the vocabulary.</summary>
    public bool EscapesSpaces => _file.EscapesSpaces;

    /// <summary>Reads and checks a model.</summary>
    /// <exception cref="CheckpointFormatException">It is none.</exception>
    /// <exception cref="NotSupportedException">It is of another kind.</exception>
    public static SentencePieceModel Read(string path)
    {
        try
        {
            return new(path, SentencePieceFile.Parse(File.ReadAllBytes(path)));
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw new CheckpointFormatException(path, $"not a SentencePiece model: {exception.Message}", exception);
        }
    }

    /// <summary>The byte that a piece such as <c>&lt;0x0A&gt;</c> is; null for other texts.</summary>
    public static byte? ByteOf(string piece) =>
        piece is ['<', '0', 'x', _, _, '>'] && byte.TryParse(piece.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, null, out byte value)
            && piece == $"<0x{value:X2}>" ? value : null;

    private void RequireSupported()
    {
        string type = ModelTypes.ElementAtOrDefault(_file.ModelType - 1) ?? "unknown";
        Require(_file.ModelType == BytePairs, $"model type {_file.ModelType} ({type})", $"{BytePairs} (BPE)");
        Require(!_file.HasDenormalizationRules, "precompiled denormalization rules", "none");
    }

    /// <summary>Fills the dictionary and returns the unknown token.</summary>
    private int IndexPieces()
    {
        int? unknown = null;
        for (int id = 0; id < Pieces.Count; id++)
        {
            (string text, float score, SentencePieceKind kind) = Pieces[id];
            Check(text.Length > 0, $"piece {id} is empty");
            Check(Enum.IsDefined(kind), $"piece {id}, '{text}', is of type {(int)kind}; 1 to 6 are allowed");
            Check(!float.IsNaN(score), $"piece {id}, '{text}', has no number as its score");
            Check(Tokens.TryAdd(text, id), $"piece {id}, '{text}', occurs twice");
            if (kind != SentencePieceKind.Unknown)
                continue;
            Check(unknown is null, $"pieces {unknown} and {id} are both of type 2, unknown; one is allowed");
            unknown = id;
        }

        Check(unknown is not null, $"of its {Pieces.Count} pieces none is of type 2, unknown; one is needed");
        return unknown!.Value;
    }

    private int[]? FindBytes()
    {
        List<int> tokens = [.. Enumerable.Range(0, Pieces.Count).Where(id => Pieces[id].Kind == SentencePieceKind.Byte)];
        int needed = _file.HasByteFallback ? ByteCount : 0;
        string why = $"{needed} are needed as byte_fallback is {_file.HasByteFallback}";
        Check(tokens.Count == needed, $"it has {tokens.Count} byte pieces; {why}");
        foreach (int id in tokens)
            Check(ByteOf(Pieces[id].Text) is not null, $"byte piece {id} is '{Pieces[id].Text}'; <0x00> to <0xFF> are allowed");
        return needed == 0 ? null : [.. tokens.OrderBy(id => ByteOf(Pieces[id].Text))];
    }

    private NormalizationRules ReadRules()
    {
        try
        {
            return new(_file.NormalizationRules.Span);
        }
        catch (FormatException exception)
        {
            throw new CheckpointFormatException(_path, $"not a sound SentencePiece model: {exception.Message}.", exception);
        }
    }

    private int? ControlToken(string piece) =>
        Tokens.TryGetValue(piece, out int id) && Pieces[id].Kind == SentencePieceKind.Control ? id : null;

    private void Check(bool holds, string problem)
    {
        if (!holds)
            throw new CheckpointFormatException(_path, $"not a sound SentencePiece model: {problem}.");
    }

    private void Require(bool holds, string given, string allowed)
    {
        if (!holds)
            throw new NotSupportedException($"{_path}: the SentencePiece model has {given}; {allowed} is supported.");
    }
}
