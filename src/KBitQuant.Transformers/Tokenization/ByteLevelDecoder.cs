namespace KBitQuant.Transformers.Tokenization;

/// <summary>Decodes tokens that are bytes of UTF-8.</summary>
internal sealed class ByteLevelDecoder : TokenDecoder
{
    private readonly IReadOnlyDictionary<int, byte[]> _bytes;
    private readonly Utf8Reader _reader;

    public ByteLevelDecoder(IReadOnlyDictionary<int, byte[]> bytes)
    {
        _bytes = bytes;
        _reader = new(Text, replacesEveryByte: false);
    }

    public override void Append(int token)
    {
        if (_bytes.TryGetValue(token, out byte[]? piece))
            _reader.Append(piece);
    }

    protected override void Flush() => _reader.Flush();
}
