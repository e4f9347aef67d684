using Google.Protobuf;

namespace KBitQuant.Transformers.Tokenization;

/// <summary>
/// The fields of a SentencePiece model file that matter here, with their numbers and defaults of
/// <c>sentencepiece_model.proto</c>. Fields of other numbers or wire types are skipped, as protocol buffers are read.
/// </summary>
internal sealed class SentencePieceFile
{
    private const int DefaultModelType = 1;

    private SentencePieceFile()
    {
    }

    private delegate bool FieldReader(int field, WireFormat.WireType type, CodedInputStream input);

    public List<SentencePiece> Pieces { get; } = [];

    public int ModelType { get; private set; } = DefaultModelType;

    public bool TreatsSpaceAsSuffix { get; private set; }

    public bool HasByteFallback { get; private set; }

    public string UnknownText { get; private set; } = " \u2047 ";

    public string BeginningPiece { get; private set; } = "<s>";

    public string EndPiece { get; private set; } = "</s>";

    /// <summary>The normalizer's replacements, which may be empty.</summary>
    public ByteString NormalizationRules { get; private set; } = ByteString.Empty;

    public bool HasDenormalizationRules { get; private set; }

    public bool AddsDummyPrefix { get; private set; } = true;

    public bool RemovesExtraSpaces { get; private set; } = true;

    public bool EscapesSpaces { get; private set; } = true;

    /// <summary>Reads a file's bytes.</summary>
    /// <exception cref="InvalidProtocolBufferException">They are no message of protocol buffers.</exception>
    public static SentencePieceFile Parse(byte[] bytes)
    {
        SentencePieceFile file = new();
        ReadFields(new CodedInputStream(bytes), file.ReadModel);
        return file;
    }

    private static void ReadFields(CodedInputStream input, FieldReader read)
    {
        for (uint tag = input.ReadTag(); tag != 0; tag = input.ReadTag())
        {
            if (!read(WireFormat.GetTagFieldNumber(tag), WireFormat.GetTagWireType(tag), input))
                input.SkipLastField();
        }
    }

    private static bool ReadMessage(CodedInputStream input, FieldReader read)
    {
        ReadFields(input.ReadBytes().CreateCodedInput(), read);
        return true;
    }

    private static bool Read<T>(T value, Action<T> set)
    {
        set(value);
        return true;
    }

    // SentencePiece takes an empty name for none.
    private static string OrDefault(string name, string defaultName) => name.Length > 0 ? name : defaultName;

    private bool ReadModel(int field, WireFormat.WireType type, CodedInputStream input) => (field, type) switch
    {
        (1, WireFormat.WireType.LengthDelimited) => ReadPiece(input),
        (2, WireFormat.WireType.LengthDelimited) => ReadMessage(input, ReadTrainer),
        (3, WireFormat.WireType.LengthDelimited) => ReadMessage(input, ReadNormalizer),
        (5, WireFormat.WireType.LengthDelimited) => ReadMessage(input, ReadDenormalizer),
        _ => false,
    };

    private bool ReadPiece(CodedInputStream input)
    {
        SentencePiece piece = new("", 0, SentencePieceKind.Normal);
        ReadMessage(input, (field, type, inner) => (field, type) switch
        {
            (1, WireFormat.WireType.LengthDelimited) => Read(inner.ReadString(), text => piece = piece with { Text = text }),
            (2, WireFormat.WireType.Fixed32) => Read(inner.ReadFloat(), score => piece = piece with { Score = score }),
            (3, WireFormat.WireType.Varint) => Read(inner.ReadEnum(), kind => piece = piece with { Kind = (SentencePieceKind)kind }),
            _ => false,
        });
        Pieces.Add(piece);
        return true;
    }

    private bool ReadTrainer(int field, WireFormat.WireType type, CodedInputStream input) => (field, type) switch
    {
        (3, WireFormat.WireType.Varint) => Read(input.ReadEnum(), value => ModelType = value),
        (24, WireFormat.WireType.Varint) => Read(input.ReadBool(), value => TreatsSpaceAsSuffix = value),
        (35, WireFormat.WireType.Varint) => Read(input.ReadBool(), value => HasByteFallback = value),
        (44, WireFormat.WireType.LengthDelimited) => Read(input.ReadString(), value => UnknownText = value),
        (46, WireFormat.WireType.LengthDelimited) => Read(input.ReadString(), value => BeginningPiece = OrDefault(value, BeginningPiece)),
        (47, WireFormat.WireType.LengthDelimited) => Read(input.ReadString(), value => EndPiece = OrDefault(value, EndPiece)),
        _ => false,
    };

    private bool ReadNormalizer(int field, WireFormat.WireType type, CodedInputStream input) => (field, type) switch
    {
        (2, WireFormat.WireType.LengthDelimited) => Read(input.ReadBytes(), value => NormalizationRules = value),
        (3, WireFormat.WireType.Varint) => Read(input.ReadBool(), value => AddsDummyPrefix = value),
        (4, WireFormat.WireType.Varint) => Read(input.ReadBool(), value => RemovesExtraSpaces = value),
        (5, WireFormat.WireType.Varint) => Read(input.ReadBool(), value => EscapesSpaces = value),
        _ => false,
    };

    private bool ReadDenormalizer(int field, WireFormat.WireType type, CodedInputStream input) =>
        (field, type) == (2, WireFormat.WireType.LengthDelimited)
            && Read(!input.ReadBytes().IsEmpty, value => HasDenormalizationRules = value);
}
