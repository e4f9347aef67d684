using System.Runtime.InteropServices;
using FsCheck.Xunit;
using KBitQuant.Transformers.Checkpoints;
using KBitQuant.Transformers.Tokenization;

namespace KBitQuant.Transformers.Tests.Tokenization;

/// <summary>SentencePiece models that are damaged, or of kinds that are not supported.</summary>
public class SentencePieceHostileTests
{
    private static readonly SentencePieceWriter Sound = WithPieces(new());
    private static readonly byte[] Model = [.. Sound.Pieces(), .. Sound.Trainer(), .. Sound.Normalizer()];

    [Fact]
    public void TheModelIsSound()
    {
        TextTokenizer tokenizer = SentencePieceWriter.Load(Model);
        Assert.Equal([5, 4], tokenizer.Encode("aa"));
        Assert.Equal((6, 1, 2), (tokenizer.VocabularySize, tokenizer.BeginningOfText, tokenizer.EndOfText));
        Assert.Equal([5, 4], SentencePieceWriter.Load([.. Sound.Pieces(), .. Sound.Trainer()]).Encode("aa"));
    }

    [Fact]
    public void ATruncatedModelIsRefused()
    {
        foreach (byte[] bytes in (byte[][])[Model[..^1], Model[..5], [0], [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F]])
            Assert.Contains("not a SentencePiece model", Assert.Throws<CheckpointFormatException>(() => SentencePieceWriter.Load(bytes)).Message);
    }

    [Fact]
    public void AModelThatHasNotItsPiecesIsRefused()
    {
        Assert.Throws<CheckpointFormatException>(() => SentencePieceWriter.Load([.. Sound.Trainer(), .. Sound.Normalizer()]));
        AssertUnsound("none is of type 2", ("a", SentencePieceKind.Normal));
        AssertUnsound("pieces 0 and 6 are both of type 2", ("<unk2>", SentencePieceKind.Unknown));
        AssertUnsound("piece 6, 'a', occurs twice", ("a", SentencePieceKind.Normal));
        AssertUnsound("piece 6, '<s>', occurs twice", ("<s>", SentencePieceKind.UserDefined));
        AssertUnsound("piece 6 is empty", ("", SentencePieceKind.Normal));
        AssertUnsound("of type 7; 1 to 6 are allowed", ("b", (SentencePieceKind)7));
        AssertUnsound("1 byte pieces; 0 are needed", ("<0x0A>", SentencePieceKind.Byte));
        SentencePieceWriter scoreless = WithPieces(new());
        scoreless.Add("b", SentencePieceKind.Normal, float.NaN);
        Assert.Contains("score", Assert.Throws<CheckpointFormatException>(scoreless.Load).Message);
    }

    [Fact]
    public void BytePiecesAreAll256OrNone()
    {
        SentencePieceWriter writer = WithPieces(new() { HasByteFallback = true });
        Assert.Contains("0 byte pieces; 256 are needed", Assert.Throws<CheckpointFormatException>(writer.Load).Message);
        for (int value = 0; value < 255; value++)
            writer.Add($"<0x{value:X2}>", SentencePieceKind.Byte);
        Assert.Contains("255 byte pieces", Assert.Throws<CheckpointFormatException>(writer.Load).Message);
        writer.Add("<0xff>", SentencePieceKind.Byte);
        Assert.Contains("'<0xff>'; <0x00> to <0xFF> are allowed", Assert.Throws<CheckpointFormatException>(writer.Load).Message);
    }

    [Theory]
    [InlineData("01")]
    [InlineData("00000000 00")]
    [InlineData("03000000 000000 00")]
    [InlineData("04000000 00000000")]
    [InlineData("FFFFFFFF 00000000 00")]
    [InlineData("04000000 00000000 41")]
    public void DamagedNormalizationRulesAreRefused(string rules)
    {
        SentencePieceWriter writer = WithPieces(new() { NormalizationRules = Convert.FromHexString(rules.Replace(" ", "", StringComparison.Ordinal)) });
        Assert.Contains("normalization rules", Assert.Throws<CheckpointFormatException>(writer.Load).Message);
    }

    [Property(MaxTest = 300)]
    public void AnyNormalizationRulesEncodeOrAreRefused(uint[] trie, byte[] replacements)
    {
        byte[] rules = [.. BitConverter.GetBytes(trie.Length * 4), .. MemoryMarshal.AsBytes(trie.AsSpan()), .. replacements, 0];
        AssertLoadsOrIsRefused([.. Model, .. new SentencePieceWriter { NormalizationRules = rules }.Normalizer()]);
    }

    [Fact]
    public void OtherKindsAreRefused()
    {
        AssertUnsupported("model type 1 (Unigram); 2 (BPE) is supported", new() { ModelType = 1 });
        AssertUnsupported("model type 9 (unknown)", new() { ModelType = 9 });
        AssertUnsupported("denormalization rules", new() { DenormalizationRules = [1] });
    }

    [Property(MaxTest = 500)]
    public void AnyMutationLoadsOrIsRefused(ushort[] positions, byte[] values, ushort cut)
    {
        byte[] bytes = [.. Model];
        foreach ((ushort position, byte value) in positions.Zip(values))
            bytes[position % bytes.Length] = value;
        AssertLoadsOrIsRefused(bytes[..(bytes.Length - (cut % 4 == 0 ? cut % bytes.Length : 0))]);
    }

    [Property(MaxTest = 500)]
    public void AnyBytesLoadOrAreRefused(byte[] bytes) => AssertLoadsOrIsRefused(bytes);

    private static void AssertLoadsOrIsRefused(byte[] bytes)
    {
        try
        {
            TextTokenizer tokenizer = SentencePieceWriter.Load(bytes);
            int[] tokens = tokenizer.Encode("a aa b");
            Assert.All(tokens, token => Assert.InRange(token, 0, tokenizer.VocabularySize - 1));
            Assert.NotNull(tokenizer.Decode(tokens));
        }
        catch (Exception exception) when (exception is CheckpointFormatException or NotSupportedException)
        {
            Assert.Contains("tokenizer.model", exception.Message);
        }
    }

    private static void AssertUnsound(string problem, (string Text, SentencePieceKind Kind) piece)
    {
        SentencePieceWriter writer = problem.StartsWith("none", StringComparison.Ordinal) ? new() : WithPieces(new());
        writer.Add(piece.Text, piece.Kind);
        Assert.Contains(problem, Assert.Throws<CheckpointFormatException>(writer.Load).Message);
    }

    private static void AssertUnsupported(string problem, SentencePieceWriter writer)
    {
        WithPieces(writer);
        Assert.Contains(problem, Assert.Throws<NotSupportedException>(writer.Load).Message);
    }

    private static SentencePieceWriter WithPieces(SentencePieceWriter writer)
    {
        writer.Add("<unk>", SentencePieceKind.Unknown);
        writer.Add("<s>", SentencePieceKind.Control);
        writer.Add("</s>", SentencePieceKind.Control);
        writer.Add("\u2581", SentencePieceKind.Normal);
        writer.Add("a", SentencePieceKind.Normal);
        writer.Add("\u2581a", SentencePieceKind.Normal);
        return writer;
    }
}
