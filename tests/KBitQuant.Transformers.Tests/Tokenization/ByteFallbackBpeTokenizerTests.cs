using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck.Xunit;
using KBitQuant.Transformers.Checkpoints;
using KBitQuant.Transformers.Tokenization;

namespace KBitQuant.Transformers.Tests.Tokenization;

public class ByteFallbackBpeTokenizerTests
{
    private static readonly string Folder = SharedFiles.Fixture("byte-fallback");
    private static readonly Way[] Ways =
        JsonSerializer.Deserialize<Way[]>(File.ReadAllText(Path.Combine(Folder, "reference.json")), JsonSerializerOptions.Web)!;

    private static readonly TextTokenizer Llama = Load("Llama 2"), Gemma = Load("Gemma"), Mistral = Load("Mistral");
    private static readonly TextTokenizer Model = SentencePieceFixture.Load("bytes");

    public static TheoryData<string> Names => [.. Ways.Select(way => way.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void HuggingFacesTokensAndTextsAreReproduced(string name)
    {
        TextTokenizer tokenizer = Load(name);
        Way way = Ways.Single(way => way.Name == name);
        Assert.Equal((1, 2, 602), (tokenizer.BeginningOfText, tokenizer.EndOfText, tokenizer.VocabularySize));
        Assert.Equal(way.Encoded.Select(entry => entry.Tokens), way.Encoded.Select(entry => tokenizer.Encode(entry.Text)));
        Assert.Equal(way.Decoded.Select(entry => entry.Text), way.Decoded.Select(entry => tokenizer.Decode(entry.Tokens)));
        Assert.All(way.Encoded, entry =>
        {
            for (int count = 0; count <= entry.Tokens.Length; count++)
                Assert.Equal(entry.Tokens[..count], tokenizer.Encode(entry.Text, count));
        });
    }

    [Property(MaxTest = 500)]
    public void AnyTextComesBackWithItsSpaces(string? text)
    {
        // Special tokens, all of which begin alike, are decoded to nothing.
        string given = (text ?? "").Replace('<', '(');
        string expected = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(given)).Replace('\u2581', ' ');
        Assert.Equal(expected, Llama.Decode(Llama.Encode(given)));
        Assert.Equal(expected, Gemma.Decode(Gemma.Encode(given)));
    }

    /// <summary>The file was made from the model: without added tokens in it, a text has the same tokens.</summary>
    [Property(MaxTest = 500)]
    public void TokensAreThoseOfTheSentencePieceModel(byte[] choices)
    {
        const string Common = "  \n\taeiounthsr.-0é日";
        string text = string.Concat(choices.Select(choice => Common[choice % Common.Length]));
        Assert.Equal(Model.Encode(text), Llama.Encode(text));
    }

    public static TheoryData<string, string> Unsupported => new()
    {
        { "model.ignore_merges", "true" }, { "normalizer", "{\"type\":\"NFC\"}" }, { "normalizer", "null" },
        { "normalizer.normalizers.0.prepend", "\"_\"" }, { "normalizer.normalizers.1.content", "\"_\"" },
        { "normalizer.normalizers.1.pattern", "{\"Regex\":\" \"}" }, { "pre_tokenizer", "{\"type\":\"ByteLevel\"}" },
        { "pre_tokenizer", "{\"type\":\"Split\",\"pattern\":{\"String\":\"a\"}}" },
        { "pre_tokenizer", "{\"type\":\"Split\",\"pattern\":{\"String\":\" \"},\"invert\":true}" },
        { "pre_tokenizer", "{\"type\":\"Metaspace\",\"replacement\":\"_\"}" },
        { "pre_tokenizer", "{\"type\":\"Metaspace\",\"replacement\":\"\u2581\",\"prepend_scheme\":\"last\"}" },
        { "decoder", "null" }, { "decoder", "{\"type\":\"ByteLevel\"}" }, { "decoder.decoders.0.content", "\"\"" },
        { "decoder.decoders.3.start", "2" }, { "decoder.decoders.3.content", "\"_\"" },
    };

    [Theory]
    [MemberData(nameof(Unsupported))]
    public void OtherKindsAreRefused(string key, string value)
    {
        JsonObject json = Json("Llama 2");
        SmallTokenizer.Parent(json, key)[key.Split('.')[^1]] = JsonNode.Parse(value);
        string message = Assert.Throws<NotSupportedException>(() => SmallTokenizer.Load(json)).Message;
        Assert.Contains(key.Split('.')[0] == "added_tokens" ? "<unk>" : key.Split('.')[0], message);
        Assert.Contains("is supported (BPE with byte_fallback)", message);
    }

    [Fact]
    public void OlderFilesSayAddPrefixSpace()
    {
        JsonObject json = Json("never");
        json["pre_tokenizer"]!.AsObject().Remove("prepend_scheme");
        json["pre_tokenizer"]!["add_prefix_space"] = false;
        Assert.Equal(Load("never").Encode("a <s>b"), SmallTokenizer.Load(json).Encode("a <s>b"));
        json["pre_tokenizer"]!["add_prefix_space"] = true;
        Assert.Equal(Mistral.Encode("a b"), SmallTokenizer.Load(json).Encode("a b"));
    }

    [Fact]
    public void AllBytesAreNeeded()
    {
        JsonObject json = Json("Llama 2");
        json["model"]!["vocab"]!.AsObject().Remove("<0x0A>");
        Assert.Contains("lacks '<0x0A>'", Assert.Throws<CheckpointFormatException>(() => SmallTokenizer.Load(json)).Message);
    }

    [Property(MaxTest = 200)]
    public void AnyMutationLoadsOrIsRefused(uint[] positions, byte[] values)
    {
        byte[] json = Encoding.UTF8.GetBytes(Json("Llama 2").ToJsonString());
        foreach ((uint position, byte value) in positions.Zip(values))
            json[position * 2654435761 % (uint)json.Length] = value;
        using TemporaryFolder folder = new();
        try
        {
            Assert.NotNull(TextTokenizer.Load(folder.Write("tokenizer.json", json)).Encode("hello the é<sep>"));
        }
        catch (Exception exception) when (exception is CheckpointFormatException or NotSupportedException)
        {
            Assert.Contains("tokenizer.json", exception.Message);
        }
    }

    private static TextTokenizer Load(string name) => SmallTokenizer.Load(Json(name));

    private static JsonObject Json(string name)
    {
        Way way = Ways.Single(way => way.Name == name);
        JsonObject json = JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, "tokenizer.json")))!.AsObject();
        json["normalizer"] = way.Normalizer?.DeepClone();
        json["pre_tokenizer"] = way.PreTokenizer?.DeepClone();
        json["decoder"] = way.Decoder?.DeepClone();
        return json;
    }

    private sealed record Way(
        string Name,
        JsonNode? Normalizer,
        [property: System.Text.Json.Serialization.JsonPropertyName("pre_tokenizer")] JsonNode? PreTokenizer,
        JsonNode? Decoder,
        SentencePieceFixture.Case[] Encoded,
        SentencePieceFixture.Case[] Decoded);
}
