namespace KBitQuant.Transformers.Tokenization;

/// <summary>
/// Decodes pieces of text and of bytes as SentencePiece does: only bytes that follow each other are joined, and each that is
/// not UTF-8 gives a U+FFFD.
/// </summary>
internal sealed class PieceDecoder : TokenDecoder
{
    private readonly PieceDecoding _decoding;
    private readonly Utf8Reader _bytes;
    private bool _dropsSpace;

    public PieceDecoder(PieceDecoding decoding)
    {
        _decoding = decoding;
        _bytes = new(Text, replacesEveryByte: true);
        _dropsSpace = decoding.Spaces != LeadingSpaces.Kept;
    }

    public override void Append(int token)
    {
        if (!_decoding.Pieces.TryGetValue(token, out SentencePiece piece))
            return;
        if (piece.Kind == SentencePieceKind.Byte)
        {
            _bytes.Append([SentencePieceModel.ByteOf(piece.Text)!.Value]);
            _dropsSpace = false;
            return;
        }

        _bytes.Flush();
        string text = piece.Kind switch
        {
            SentencePieceKind.Control => "",
            SentencePieceKind.Unknown => _decoding.UnknownText,
            _ => WithoutDroppedSpace(piece.Text).Replace(SentencePieceNormalizer.EscapedSpace, ' '),
        };
        _dropsSpace &= text.Length == 0;
        Text.Append(text);
    }

    protected override void Flush() => _bytes.Flush();

    private string WithoutDroppedSpace(string text)
    {
        if (!_dropsSpace || !text.StartsWith(SentencePieceNormalizer.EscapedSpace))
            return text;
        _dropsSpace = _decoding.Spaces == LeadingSpaces.Dropped;
        return text[1..];
    }
}
