using Google.Protobuf;
using KBitQuant.Transformers.Tokenization;

namespace KBitQuant.Transformers.Tests.Tokenization;

/// <summary>Writes a SentencePiece model, field by field as <c>sentencepiece_model.proto</c> has them.</summary>
internal sealed class SentencePieceWriter
{
    private readonly List<byte> _pieces = [];

    public int ModelType { get; init; } = 2;

    public bool HasByteFallback { get; init; }

    public bool AddsDummyPrefix { get; init; } = true;

    public bool RemovesExtraSpaces { get; init; } = true;

    public byte[] NormalizationRules { get; init; } = [];

    public byte[] DenormalizationRules { get; init; } = [];

    public void Add(string text, SentencePieceKind kind, float score = 0) => _pieces.AddRange(Field(1, stream =>
    {
        stream.WriteTag(1, WireFormat.WireType.LengthDelimited);
        stream.WriteString(text);
        stream.WriteTag(2, WireFormat.WireType.Fixed32);
        stream.WriteFloat(score);
        Write(stream, 3, (int)kind);
    }));

    public byte[] Pieces() => [.. _pieces];

    public byte[] Trainer() => Field(2, stream =>
    {
        Write(stream, 3, ModelType);
        Write(stream, 35, HasByteFallback ? 1 : 0);
    });

    public byte[] Normalizer() =>
    [
        .. Field(3, stream =>
        {
            Write(stream, 2, NormalizationRules);
            Write(stream, 3, AddsDummyPrefix ? 1 : 0);
            Write(stream, 4, RemovesExtraSpaces ? 1 : 0);
        }),
        .. Field(5, stream => Write(stream, 2, DenormalizationRules)),
    ];

    public TextTokenizer Load() => Load([.. Pieces(), .. Trainer(), .. Normalizer()]);

    public static TextTokenizer Load(byte[] model)
    {
        using TemporaryFolder folder = new();
        return TextTokenizer.Load(folder.Write("tokenizer.model", model));
    }

    private static void Write(CodedOutputStream stream, int field, int value)
    {
        stream.WriteTag(field, WireFormat.WireType.Varint);
        stream.WriteInt32(value);
    }

    private static void Write(CodedOutputStream stream, int field, byte[] value)
    {
        stream.WriteTag(field, WireFormat.WireType.LengthDelimited);
        stream.WriteBytes(ByteString.CopyFrom(value));
    }

    /// <summary>A message within the model.</summary>
    private static byte[] Field(int number, Action<CodedOutputStream> write)
    {
        using MemoryStream inner = new(), outer = new();
        using (CodedOutputStream stream = new(inner, leaveOpen: true))
            write(stream);
        using (CodedOutputStream stream = new(outer, leaveOpen: true))
            Write(stream, number, inner.ToArray());
        return outer.ToArray();
    }
}
