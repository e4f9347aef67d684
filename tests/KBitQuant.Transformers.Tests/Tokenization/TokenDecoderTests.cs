using FsCheck;
using FsCheck.Xunit;
using KBitQuant.Transformers.Tokenization;

namespace KBitQuant.Transformers.Tests.Tokenization;

public class TokenDecoderTests
{
    private static readonly TextTokenizer[] Tokenizers =
        [TextTokenizer.Load(SharedFiles.SmallModel), .. SentencePieceFixture.Names.Select(SentencePieceFixture.Load)];

    /// <summary>A byte-level one, and one of SentencePiece whose unknown characters are bytes.</summary>
    private static IEnumerable<TextTokenizer> OfBytes => Tokenizers[..2];

    [Theory]
    [InlineData("plain words, and more")]
    [InlineData("naïve “quotes” – 日本語 🎉\U0001D49C ½ é")]
    [InlineData("  two  spaces\n\n\tand tabs ")]
    public void PiecesAreWholeCharactersAndMakeUpTheText(string text) => Assert.All(OfBytes, tokenizer =>
    {
        List<string> pieces = Pieces(tokenizer, tokenizer.Encode(text));

        Assert.Equal(text, string.Concat(pieces));
        Assert.All(pieces, piece => Assert.DoesNotContain('\uFFFD', piece));
        Assert.Empty(pieces[^1]);
    });

    [Property(MaxTest = 200)]
    public void AnyTokensAreDecodedAsTheWholeIs(NonNull<int[]> tokens) => Assert.All(Tokenizers, tokenizer =>
    {
        int[] valid = [.. tokens.Get.Select(token => token % (tokenizer.VocabularySize + 1))];
        Assert.Equal(tokenizer.Decode(valid), string.Concat(Pieces(tokenizer, valid)));
    });

    [Fact]
    public void WhatNeverBecomesWholeIsGivenOutAsSoonAsThatIsCertain() => Assert.All(OfBytes, tokenizer =>
    {
        int[] party = tokenizer.Encode("a🎉");
        int first = party[^4];
        TokenDecoder decoder = tokenizer.StartDecoding();
        decoder.Append(first);
        Assert.Empty(decoder.Take());
        decoder.Append(first);
        Assert.Equal("\uFFFD", decoder.Take());
        foreach (int rest in party[^3..])
            decoder.Append(rest);
        Assert.Equal("🎉", decoder.Take());
        decoder.Append(first);
        Assert.Equal("\uFFFD", decoder.Finish());
        Assert.Empty(decoder.Finish());
    });

    private static List<string> Pieces(TextTokenizer tokenizer, int[] tokens)
    {
        TokenDecoder decoder = tokenizer.StartDecoding();
        List<string> pieces = [];
        foreach (int token in tokens)
        {
            decoder.Append(token);
            pieces.Add(decoder.Take());
        }

        return [.. pieces, decoder.Finish()];
    }
}
