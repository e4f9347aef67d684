using System.Text.Json.Nodes;
using KBitQuant.Transformers.Tokenization;

namespace KBitQuant.Transformers.Tests.Tokenization;

/// <summary>A byte-level tokenizer of the 256 bytes, a few merges, and one added token, to be varied by tests.</summary>
internal static class SmallTokenizer
{
    public const string EndOfText = "<|endoftext|>";
    public const int EndOfTextId = 256;

    /// <summary>Merges as text, so that ids follow: 257 is the first merge's.</summary>
    public static readonly string[] Merges =
        ["h e", "l l", "he ll", "hell o", "Ġ t", "Ġt he", "a a", "aa aa", "b a", "- -", "-- --", "Ã ©", "e Ã©"];

    public static JsonObject Json()
    {
        JsonObject vocabulary = [];
        for (int value = 0; value < 256; value++)
            vocabulary[ByteLevelAlphabet.Characters[value].ToString()] = value;
        foreach (string merge in Merges)
            vocabulary[merge.Replace(" ", "", StringComparison.Ordinal)] = vocabulary.Count + 1;
        return new()
        {
            ["added_tokens"] = new JsonArray(Added(EndOfTextId, EndOfText)),
            ["normalizer"] = null,
            ["pre_tokenizer"] = new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["use_regex"] = true },
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["vocab"] = vocabulary,
                ["merges"] = new JsonArray([.. Merges.Select(merge => (JsonNode)merge)]),
            },
        };
    }

    public static JsonObject Added(int id, string content, bool normalized = false) =>
        new() { ["id"] = id, ["content"] = content, ["normalized"] = normalized, ["special"] = true };

    /// <summary>What cuts text into words by a pattern.</summary>
    public static JsonObject Split(string pattern) => AfterStep(
        new() { ["type"] = "Split", ["pattern"] = new JsonObject { ["Regex"] = pattern }, ["behavior"] = "Isolated", ["invert"] = false }, usesRegex: false);

    /// <summary>What cuts text by one step more.</summary>
    public static JsonObject AfterStep(JsonObject step, bool usesRegex) => new()
    {
        ["type"] = "Sequence",
        ["pretokenizers"] = new JsonArray(step, new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["use_regex"] = usesRegex }),
    };

    /// <summary>The object or array that holds a key, given as steps with dots between them.</summary>
    public static JsonNode Parent(JsonNode root, string key)
    {
        foreach (string step in key.Split('.')[..^1])
            root = root is JsonArray array ? array[int.Parse(step, null)]! : root[step]!;
        return root;
    }

    public static TextTokenizer Load(JsonObject json)
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder.File("tokenizer.json"), json.ToJsonString());
        return TextTokenizer.Load(folder.FullName);
    }
}
