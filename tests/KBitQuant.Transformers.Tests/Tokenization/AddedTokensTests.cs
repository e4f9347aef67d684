using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using FsCheck.Xunit;
using KBitQuant.Transformers.Tokenization;

namespace KBitQuant.Transformers.Tests.Tokenization;

/// <summary>Added tokens that take white space beside them, or stand alone.</summary>
public class AddedTokensTests
{
    private static readonly Way[] Ways = JsonSerializer.Deserialize<Way[]>(
        File.ReadAllText(Path.Combine(SharedFiles.Fixture("added-tokens"), "reference.json")), JsonSerializerOptions.Web)!;

    private static readonly TextTokenizer[] Tokenizers = [.. Ways.Select(Load)];

    public static TheoryData<string> Names => [.. Ways.Select(way => way.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void HuggingFacesTokensAreReproduced(string name)
    {
        int index = Array.FindIndex(Ways, way => way.Name == name);
        Assert.All(Ways[index].Encoded, entry =>
        {
            Assert.Equal(entry.Tokens, Tokenizers[index].Encode(entry.Text));
            for (int count = 0; count <= entry.Tokens.Length; count++)
                Assert.Equal(entry.Tokens[..count], Tokenizers[index].Encode(entry.Text, count));
        });
    }

    /// <summary>White space is all that an added token may take from a text, however many there are.</summary>
    [Property(MaxTest = 500)]
    public void NothingElseIsLost(byte[] choices)
    {
        string[] parts = ["<|after|>", "<|before|>", "<|both|>", "<|plain|>", "cats", "dog", " ", "\n", "x", ".", "é"];
        string text = string.Concat(choices.Select(choice => parts[choice % parts.Length]));
        TextTokenizer tokenizer = Tokenizers[Array.FindIndex(Ways, way => way.Name == "GPT-NeoX")];
        Assert.Equal(WithoutSpace(text), WithoutSpace(tokenizer.Decode(tokenizer.Encode(text))));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void ManyTokensOfWhiteSpaceDoNotTakeTheSquareOfTheirNumber(bool takesBefore, bool takesAfter)
    {
        JsonObject token = SmallTokenizer.Added(300, "\n");
        (token["lstrip"], token["rstrip"]) = (takesBefore, takesAfter);
        JsonObject json = SmallTokenizer.Json();
        json["added_tokens"]!.AsArray().Add(token);
        // By the square it would be minutes.
        int[] tokens = SmallTokenizer.Load(json).Encode($"a {new string('\n', 1_000_000)} a");
        Assert.Equal(1_000_000, tokens.Count(id => id == 300));
        Assert.Equal(takesBefore, tokens[1] == 300);
        Assert.Equal(takesAfter, tokens[^2] == 300);
    }

    private static string WithoutSpace(string text) => string.Concat(text.EnumerateRunes().Where(rune => !Rune.IsWhiteSpace(rune)));

    private static TextTokenizer Load(Way way)
    {
        JsonObject json = JsonNode.Parse(File.ReadAllText(SharedFiles.Fixture(way.File)))!.AsObject();
        json["normalizer"] = way.Normalizer?.DeepClone();
        json["pre_tokenizer"] = way.PreTokenizer?.DeepClone();
        json["decoder"] = way.Decoder?.DeepClone();
        foreach (JsonNode? token in way.AddedTokens)
            json["added_tokens"]!.AsArray().Add(token!.DeepClone());
        return SmallTokenizer.Load(json);
    }

    private sealed record Way(
        string Name,
        string File,
        JsonNode? Normalizer,
        [property: JsonPropertyName("pre_tokenizer")] JsonNode? PreTokenizer,
        JsonNode? Decoder,
        [property: JsonPropertyName("added_tokens")] JsonArray AddedTokens,
        SentencePieceFixture.Case[] Encoded);
}
