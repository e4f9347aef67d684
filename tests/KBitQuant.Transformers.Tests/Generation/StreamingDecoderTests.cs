using FsCheck;
using FsCheck.Xunit;
using KBitQuant.Transformers.Generation;
using KBitQuant.Transformers.Tokenization;

namespace KBitQuant.Transformers.Tests.Generation;

public class StreamingDecoderTests
{
    private static readonly TextTokenizer Tokenizer = TextTokenizer.Load(SharedFiles.SmallModel);

    [Theory]
    [InlineData("plain words, and more")]
    [InlineData("naïve “quotes” – 日本語 🎉\U0001D49C ½ é")]
    [InlineData("  two  spaces\n\n\tand tabs ")]
    public void PiecesAreWholeCharactersAndMakeUpTheText(string text)
    {
        int[] tokens = Tokenizer.Encode(text);
        var decoder = new StreamingDecoder(Tokenizer, [0]);
        List<string> pieces = [.. tokens.Select(decoder.Add), decoder.Finish()];

        Assert.Equal(text, string.Concat(pieces));
        Assert.All(pieces, piece => Assert.DoesNotContain('\uFFFD', piece));
        Assert.Empty(pieces[^1]);
    }

    [Property(MaxTest = 200)]
    public void AnyTextIsMadeUp(NonNull<string> text)
    {
        int[] tokens = Tokenizer.Encode(text.Get);
        var decoder = new StreamingDecoder(Tokenizer, []);
        Assert.Equal(Tokenizer.Decode(tokens), string.Concat(tokens.Select(decoder.Add)) + decoder.Finish());
    }

    [Fact]
    public void WhatNeverBecomesWholeIsGivenOut()
    {
        int[] party = Tokenizer.Encode("🎉");
        Assert.True(party.Length > 1);
        var decoder = new StreamingDecoder(Tokenizer, []);
        Assert.Empty(decoder.Add(party[0]));
        Assert.Equal("\uFFFD", decoder.Finish());
        string many = string.Concat(Enumerable.Range(0, 20).Select(_ => decoder.Add(party[0])));
        Assert.NotEmpty(many);
    }
}
