using System.Text;
using System.Text.Json.Nodes;
using KBitQuant.Transformers.Checkpoints;
using KBitQuant.Transformers.Tokenization;

namespace KBitQuant.Transformers.Tests.Tokenization;

/// <summary>Which of a folder's tokenizers is loaded.</summary>
public sealed class TokenizerFolderTests : IDisposable
{
    private const string Text = "hello the <|endoftext|>";

    private static readonly JsonObject WordPiece = new() { ["model"] = new JsonObject { ["type"] = "WordPiece" } };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TheJsonComesFirst()
    {
        WriteModel();
        AssertLoaded(SentencePieceFixture.Load("bytes"));
        WriteJson(SmallTokenizer.Json());
        AssertLoaded(SmallTokenizer.Load(SmallTokenizer.Json()));
    }

    [Fact]
    public void TheModelStandsInForAJsonThatIsNotSupported()
    {
        WriteModel();
        WriteJson(WordPiece);
        TextTokenizer tokenizer = TextTokenizer.Load(_folder.FullName);
        Assert.Equal(SentencePieceFixture.Load("bytes").Encode(Text), tokenizer.Encode(Text));
        Assert.Equal($"{_folder.File("tokenizer.json")}: model.type is WordPiece; BPE is supported (byte-level BPE).", tokenizer.FallbackReason);
    }

    [Fact]
    public void ADamagedJsonIsNotPassedOver()
    {
        WriteModel();
        _folder.Write("tokenizer.json", "{"u8);
        Assert.Contains("tokenizer.json", Assert.Throws<CheckpointFormatException>(() => TextTokenizer.Load(_folder.FullName)).Message);
    }

    [Theory]
    [InlineData("0AFF", "tokenizer.model: not a SentencePiece model")]
    [InlineData("12021801", "tokenizer.model: the SentencePiece model has model type 1 (Unigram)")]
    public void WhatIsWrongWithBothIsSaid(string model, string problem)
    {
        WriteJson(WordPiece);
        _folder.Write("tokenizer.model", Convert.FromHexString(model));
        string message = Assert.Throws<NotSupportedException>(() => TextTokenizer.Load(_folder.FullName)).Message;
        Assert.Contains("tokenizer.json: model.type is WordPiece", message);
        Assert.Contains(problem, message);
    }

    [Fact]
    public void WhatThePlatformLacksIsNotTheFilesFault()
    {
        WriteModel();
        JsonObject json = SmallTokenizer.Json();
        json["normalizer"] = new JsonObject { ["type"] = "NFC" };
        json["added_tokens"]!.AsArray().Add(SmallTokenizer.Added(300, "e\u0301", normalized: true));
        WriteJson(json);
        if ("e\u0301".Normalize().Length == 1)
            Assert.Equal([300, 300], TextTokenizer.Load(_folder.FullName).Encode("\u00E9e\u0301"));
        else
        {
            string message = Assert.Throws<PlatformNotSupportedException>(() => TextTokenizer.Load(_folder.FullName)).Message;
            Assert.Contains($"added token 'e\u0301' of {_folder.File("tokenizer.json")} may need (U+0301)", message);
        }
    }

    private void AssertLoaded(TextTokenizer expected)
    {
        TextTokenizer tokenizer = TextTokenizer.Load(_folder.FullName);
        Assert.Equal(expected.Encode(Text), tokenizer.Encode(Text));
        Assert.Null(tokenizer.FallbackReason);
    }

    private void WriteModel() => File.Copy(Path.Combine(SharedFiles.Fixture("sentencepiece-bpe"), "bytes.model"), _folder.File("tokenizer.model"));

    private void WriteJson(JsonObject json) => _folder.Write("tokenizer.json", Encoding.UTF8.GetBytes(json.ToJsonString()));
}
