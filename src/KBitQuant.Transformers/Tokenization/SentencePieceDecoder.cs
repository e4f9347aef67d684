namespace KBitQuant.Transformers.Tokenization;

/// <summary>
/// Decodes as SentencePiece does: only bytes that follow each other are joined, each that is not UTF-8 gives a U+FFFD, and
/// the space that begins a text is dropped where the model puts or drops one there.
/// </summary>
internal sealed class SentencePieceDecoder : TokenDecoder
{
    private readonly SentencePieceModel _model;
    private readonly Utf8Reader _bytes;
    private bool _dropsSpace;

    public SentencePieceDecoder(SentencePieceModel model)
    {
        _model = model;
        _bytes = new(Text, replacesEveryByte: true);
        _dropsSpace = model.AddsDummyPrefix || model.RemovesExtraSpaces;
    }

    public override void Append(int token)
    {
        if (token < 0 || token >= _model.Pieces.Count)
            return;
        (string text, _, SentencePieceKind kind) = _model.Pieces[token];
        if (kind == SentencePieceKind.Byte)
        {
            _bytes.Append([SentencePieceModel.ByteOf(text)!.Value]);
            _dropsSpace = false;
            return;
        }

        _bytes.Flush();
        Text.Append(kind switch
        {
            SentencePieceKind.Control => "",
            SentencePieceKind.Unknown => Begin(_model.UnknownText),
            _ => Begin(WithoutDroppedSpace(text).Replace(SentencePieceNormalizer.EscapedSpace, ' ')),
        });
    }

    protected override void Flush() => _bytes.Flush();

    private string WithoutDroppedSpace(string text)
    {
        if (!_dropsSpace || !text.StartsWith(SentencePieceNormalizer.EscapedSpace))
            return text;
        // Models that drop all spaces before a text drop those of several pieces.
        _dropsSpace = _model.RemovesExtraSpaces;
        return text[1..];
    }

    /// <summary>Notes that the text has begun, if it has.</summary>
    private string Begin(string text)
    {
        _dropsSpace &= text.Length == 0;
        return text;
    }
}
