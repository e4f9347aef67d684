using FsCheck.Xunit;
using Google.Protobuf;
using KBitQuant.Transformers.Checkpoints;
using KBitQuant.Transformers.Tokenization;

namespace KBitQuant.Transformers.Tests.Tokenization;

/// <summary>A small SentencePiece model, written field by field (<c>sentencepiece_model.proto</c>), and what damage does to it.</summary>
public class SentencePieceHostileTests
{
    private const int BytePairs = 2;
    private const int Normal = 1, Unknown = 2, Control = 3;

    private static readonly byte[] Trainer = Field(2, stream => Write(stream, 3, BytePairs));
    private static readonly byte[] Normalizer = Field(3, stream => Write(stream, 3, 1));
    private static readonly byte[] Pieces =
        [.. Piece("<unk>", Unknown), .. Piece("<s>", Control), .. Piece("</s>", Control), .. Piece("\u2581", Normal), .. Piece("a", Normal), .. Piece("\u2581a", Normal)];

    private static readonly byte[] Model = [.. Pieces, .. Trainer, .. Normalizer];

    [Fact]
    public void TheModelIsSound()
    {
        TextTokenizer tokenizer = Load(Model);
        Assert.Equal([5, 4], tokenizer.Encode("aa"));
        Assert.Equal(6, tokenizer.VocabularySize);
    }

    [Fact]
    public void AMissingPartIsRefused()
    {
        Assert.All<byte[]>(
            [[], Pieces, [.. Pieces, .. Trainer], [.. Pieces, .. Normalizer], [.. Trainer, .. Normalizer]],
            bytes => Assert.Throws<CheckpointFormatException>(() => Load(bytes)));
    }

    [Property(MaxTest = 500)]
    public void AnyMutationLoadsOrIsRefused(ushort[] positions, byte[] values, ushort cut)
    {
        byte[] bytes = [.. Model];
        foreach ((ushort position, byte value) in positions.Zip(values))
            bytes[position % bytes.Length] = value;
        try
        {
            TextTokenizer tokenizer = Load(bytes[..(bytes.Length - (cut % 4 == 0 ? cut % bytes.Length : 0))]);
            _ = tokenizer.Decode(tokenizer.Encode("a aa b"));
        }
        catch (CheckpointFormatException)
        {
        }
    }

    private static TextTokenizer Load(byte[] bytes)
    {
        using TemporaryFolder folder = new();
        return TextTokenizer.Load(folder.Write("tokenizer.model", bytes));
    }

    private static byte[] Piece(string text, int type) => Field(1, stream =>
    {
        stream.WriteTag(1, WireFormat.WireType.LengthDelimited);
        stream.WriteString(text);
        Write(stream, 3, type);
    });

    private static void Write(CodedOutputStream stream, int field, int value)
    {
        stream.WriteTag(field, WireFormat.WireType.Varint);
        stream.WriteInt32(value);
    }

    /// <summary>A message within the model.</summary>
    private static byte[] Field(int number, Action<CodedOutputStream> write)
    {
        using MemoryStream inner = new(), outer = new();
        using (CodedOutputStream stream = new(inner, leaveOpen: true))
            write(stream);
        using (CodedOutputStream stream = new(outer, leaveOpen: true))
        {
            stream.WriteTag(number, WireFormat.WireType.LengthDelimited);
            stream.WriteBytes(ByteString.CopyFrom(inner.ToArray()));
        }

        return outer.ToArray();
    }
}
