using System.Text.Json;
using KBitQuant.Transformers.Checkpoints;

namespace KBitQuant.Transformers.Tokenization;

/// <summary>
/// What a Hugging Face <c>tokenizer.json</c> says of a BPE tokenizer, apart from how text is normalized, cut and decoded.
/// </summary>
internal sealed class TokenizerJson
{
    /// <summary>Reads and checks a description.</summary>
    /// <exception cref="NotSupportedException">It is of a tokenizer that would not be encoded exactly here.</exception>
    /// <exception cref="JsonException">It is not valid.</exception>
    public TokenizerJson(JsonMember root, string path)
    {
        Root = root;
        Path = path;
        JsonMember model = root.Required("model");
        HasByteFallback = IsTrue(model, "byte_fallback");
        Require("model.type", TextOf(model, "type") is null or "BPE", TextOf(model, "type"), "BPE");
        Require("model.dropout", model.Find("dropout") is null, "a probability", "none");
        foreach (string affix in (string[])["continuing_subword_prefix", "end_of_word_suffix"])
            Require($"model.{affix}", string.IsNullOrEmpty(TextOf(model, affix)), TextOf(model, affix), "none");
        IgnoresMerges = IsTrue(model, "ignore_merges");
        Vocabulary = ReadVocabulary(model.Required("vocab"));
        Merges = ReadMerges(model.Required("merges"), Vocabulary);
        AddedTokens = ReadAddedTokens(root);
    }

    public JsonMember Root { get; }

    /// <summary>The file, for messages.</summary>
    public string Path { get; }

    /// <summary>The pieces' ids.</summary>
    public Dictionary<string, int> Vocabulary { get; }

    /// <summary>Pairs of pieces, most wanted first.</summary>
    public IReadOnlyList<(string Left, string Right)> Merges { get; }

    /// <summary>Tokens matched in the text itself.</summary>
    public IReadOnlyList<AddedToken> AddedTokens { get; }

    /// <summary>Whether a word that is in the vocabulary is a token, whatever the merges.</summary>
    public bool IgnoresMerges { get; }

    /// <summary>Whether characters that the vocabulary lacks are spelled by pieces for bytes, rather than all text by bytes.</summary>
    public bool HasByteFallback { get; }

    /// <summary>The steps of a normalizer, pre-tokenizer or decoder: those of a sequence, itself, or none.</summary>
    /// <param name="key">Which of them.</param>
    /// <param name="stepsKey">The key of a sequence's steps.</param>
    public JsonMember[] StepsOf(string key, string stepsKey) => Root.Find(key) switch
    {
        null => [],
        { } step => TypeOf(step) == "Sequence" ? [.. step.Required(stepsKey).Items()] : [step],
    };

    /// <summary>The first added token of one of these names.</summary>
    public int? FindAddedToken(params string[] names) => AddedTokens.FirstOrDefault(token => names.Contains(token.Content))?.Id;

    /// <summary>Refuses what would not be encoded exactly.</summary>
    /// <exception cref="NotSupportedException">It does not hold; the message says what was given and what is supported.</exception>
    public void Require(string what, bool holds, string? given, string allowed)
    {
        string kind = HasByteFallback ? "BPE with byte_fallback" : "byte-level BPE";
        if (!holds)
            throw new NotSupportedException($"{Path}: {what} is {given ?? "none"}; {allowed} is supported ({kind}).");
    }

    public static string TypeOf(JsonMember step) => step.Required("type").Text();

    public static bool IsTrue(JsonMember json, string key) => json.Find(key)?.Flag() ?? false;

    public static string? TextOf(JsonMember json, string key) => json.Find(key)?.Text();

    private static Dictionary<string, int> ReadVocabulary(JsonMember json)
    {
        Dictionary<string, int> vocabulary = new(StringComparer.Ordinal);
        HashSet<int> ids = [];
        foreach (JsonMember entry in json.Members())
        {
            int id = ReadId(entry);
            if (!ids.Add(id))
                throw new JsonException($"id {id} is given to two tokens, one of them '{entry.Key}'");
            vocabulary.Add(entry.Key!, id);
        }

        return vocabulary;
    }

    private static List<(string Left, string Right)> ReadMerges(JsonMember json, Dictionary<string, int> vocabulary)
    {
        List<(string Left, string Right)> merges = [];
        foreach (JsonMember merge in json.Items())
        {
            // Older files: "left right"; newer: ["left", "right"].
            string[] pair = merge.IsArray ? [.. merge.Items().Select(piece => piece.Text())] : merge.Text().Split(' ');
            if (pair is not [{ Length: > 0 } left, { Length: > 0 } right] || left.Contains(' ') || right.Contains(' '))
                throw new JsonException($"merge {merges.Count} is not two pieces");
            if (!vocabulary.ContainsKey(left) || !vocabulary.ContainsKey(right) || !vocabulary.ContainsKey(left + right))
                throw new JsonException($"merge {merges.Count}, '{left}' and '{right}', is of pieces that the vocabulary lacks");
            merges.Add((left, right));
        }

        return merges;
    }

    private List<AddedToken> ReadAddedTokens(JsonMember root)
    {
        Dictionary<string, AddedToken> tokens = new(StringComparer.Ordinal);
        foreach (JsonMember json in root.Find("added_tokens")?.Items() ?? [])
        {
            string content = json.Required("content").Text();
            if (content.Length == 0)
                throw new JsonException($"'{json.Path}', an added token, is empty");
            int id = ReadId(json.Required("id"));
            if (Vocabulary.TryGetValue(content, out int other) && other != id)
                throw new JsonException($"added token '{content}' has id {id}, and {other} in the vocabulary");
            AddedToken token = new(id, content)
            {
                IsNormalized = IsTrue(json, "normalized"),
                IsSpecial = IsTrue(json, "special"),
                IsSingleWord = IsTrue(json, "single_word"),
                TakesSpaceBefore = IsTrue(json, "lstrip"),
                TakesSpaceAfter = IsTrue(json, "rstrip"),
            };
            if (!tokens.TryAdd(content, token))
                throw new JsonException($"added token '{content}' occurs twice");
        }

        return [.. tokens.Values];
    }

    private static int ReadId(JsonMember member)
    {
        int id = member.Integer();
        member.Require(id is >= 0 and < int.MaxValue, "0 to 2^31-2");
        return id;
    }
}
