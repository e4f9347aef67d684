using System.Text.Json;

namespace KBitQuant.Transformers.Tokenization;

/// <summary>What a Hugging Face <c>tokenizer.json</c> says of a byte-level BPE tokenizer.</summary>
/// <param name="Vocabulary">Ids of the pieces, spelled in the <see cref="ByteLevelAlphabet"/>.</param>
/// <param name="Merges">Pairs of pieces, <c>left right</c>, most wanted first.</param>
/// <param name="AddedTokens">Tokens matched in the text itself.</param>
/// <param name="IgnoresMerges">Whether a word that is in the vocabulary is a token, whatever the merges.</param>
/// <param name="NormalizesToFormC">Whether text is brought to NFC first.</param>
/// <param name="FirstWord">Cuts text into words.</param>
internal sealed record TokenizerJson(
    Dictionary<string, int> Vocabulary,
    List<string> Merges,
    List<AddedToken> AddedTokens,
    bool IgnoresMerges,
    bool NormalizesToFormC,
    ByteLevelWords.Cutter FirstWord)
{
    /// <summary>Reads and checks a description.</summary>
    /// <exception cref="NotSupportedException">It is of a tokenizer that would not be encoded exactly here.</exception>
    /// <exception cref="JsonException">It is not valid.</exception>
    public static TokenizerJson Read(JsonElement root, string path)
    {
        JsonElement model = root.GetProperty("model");
        Require(path, "model.type", TextOf(model, "type") is null or "BPE", TextOf(model, "type"), "BPE");
        Require(path, "model.dropout", IsNull(model, "dropout"), "a probability", "none");
        Require(path, "model.byte_fallback", !IsTrue(model, "byte_fallback"), "true", "false");
        foreach (string affix in (string[])["continuing_subword_prefix", "end_of_word_suffix"])
            Require(path, $"model.{affix}", string.IsNullOrEmpty(TextOf(model, affix)), TextOf(model, affix), "none");
        ByteLevelWords.Cutter firstWord = ReadWords(root, path);
        string? normalizer = TypeOf(root, "normalizer");
        Require(path, "normalizer", normalizer is null or "NFC", normalizer, "none or NFC");

        Dictionary<string, int> vocabulary = ReadVocabulary(model.GetProperty("vocab"));
        List<AddedToken> added = ReadAddedTokens(root, path);
        List<string> merges = ReadMerges(model.GetProperty("merges"), vocabulary);
        return new(vocabulary, merges, added, IsTrue(model, "ignore_merges"), normalizer is not null, firstWord);
    }

    /// <summary>Words are GPT-2's, or cut by a pattern of the file's own before.</summary>
    private static ByteLevelWords.Cutter ReadWords(JsonElement root, string path)
    {
        const string Key = "pre_tokenizer";
        string? type = TypeOf(root, Key);
        JsonElement[] steps = type == "Sequence" ? [.. root.GetProperty(Key).GetProperty("pretokenizers").EnumerateArray()]
            : type is null ? []
            : [root.GetProperty(Key)];
        string[] types = [.. steps.Select(step => TextOf(step, "type") ?? "none")];
        Require(path, Key, types is ["ByteLevel"] or ["Split", "ByteLevel"], types is [] ? null : string.Join(", ", types), "ByteLevel, or Split and ByteLevel,");
        Require(path, $"{Key}.add_prefix_space", !IsTrue(steps[^1], "add_prefix_space"), "true", "false");
        bool usesPattern = !steps[^1].TryGetProperty("use_regex", out JsonElement usesRegex) || usesRegex.GetBoolean();
        Require(path, $"{Key}.use_regex", usesPattern == (steps.Length == 1), $"{usesPattern}", $"{!usesPattern}");
        if (steps.Length == 1)
            return ByteLevelWords.Cutters[ByteLevelWords.Gpt2Pattern];
        string? pattern = TextOf(steps[0].GetProperty("pattern"), "Regex"), behavior = TextOf(steps[0], "behavior");
        Require(path, $"{Key}.behavior", behavior == "Isolated" && !IsTrue(steps[0], "invert"), behavior, "Isolated, not inverted,");
        bool isKnown = ByteLevelWords.Cutters.TryGetValue(pattern ?? "", out ByteLevelWords.Cutter? cutter);
        Require(path, $"{Key}.pattern", isKnown, pattern, $"{string.Join(" or ", ByteLevelWords.Cutters.Keys)}");
        return cutter!;
    }

    private static Dictionary<string, int> ReadVocabulary(JsonElement json)
    {
        Dictionary<string, int> vocabulary = new(StringComparer.Ordinal);
        HashSet<int> ids = [];
        foreach (JsonProperty entry in json.EnumerateObject())
        {
            int id = CheckId(entry.Value.GetInt32(), entry.Name);
            if (!ids.Add(id))
                throw new JsonException($"id {id} is given to two tokens, one of them '{entry.Name}'");
            vocabulary.Add(entry.Name, id);
        }

        for (int value = 0; value <= byte.MaxValue; value++)
        {
            string spelling = ByteLevelAlphabet.Characters[value].ToString();
            if (OccursInUtf8((byte)value) && !vocabulary.ContainsKey(spelling))
                throw new JsonException($"the vocabulary lacks byte 0x{value:X2}, '{spelling}'; all bytes of UTF-8 are needed");
        }

        return vocabulary;
    }

    // 0xC0, 0xC1 and all from 0xF5 would begin overlong forms or characters beyond U+10FFFF; GPT-NeoX's vocabulary omits them.
    private static bool OccursInUtf8(byte value) => value is not (0xC0 or 0xC1 or >= 0xF5);

    private static List<string> ReadMerges(JsonElement json, Dictionary<string, int> vocabulary)
    {
        List<string> merges = [];
        foreach (JsonElement merge in json.EnumerateArray())
        {
            // Older files: "left right"; newer: ["left", "right"].
            string[] pair = merge.ValueKind == JsonValueKind.Array
                ? [.. merge.EnumerateArray().Select(piece => piece.GetString()!)]
                : merge.GetString()!.Split(' ');
            if (pair is not [{ Length: > 0 } left, { Length: > 0 } right] || left.Contains(' ') || right.Contains(' '))
                throw new JsonException($"merge {merges.Count} is not two pieces");
            if (!vocabulary.ContainsKey(left) || !vocabulary.ContainsKey(right) || !vocabulary.ContainsKey(left + right))
                throw new JsonException($"merge {merges.Count}, '{left}' and '{right}', is of pieces that the vocabulary lacks");
            merges.Add($"{left} {right}");
        }

        return merges;
    }

    private static List<AddedToken> ReadAddedTokens(JsonElement root, string path)
    {
        Dictionary<string, AddedToken> tokens = new(StringComparer.Ordinal);
        if (IsNull(root, "added_tokens"))
            return [];
        foreach (JsonElement json in root.GetProperty("added_tokens").EnumerateArray())
        {
            string content = json.GetProperty("content").GetString() ?? "";
            foreach (string flag in (string[])["single_word", "lstrip", "rstrip"])
                Require(path, $"added token '{content}' {flag}", !IsTrue(json, flag), "true", "false");
            if (content.Length == 0)
                throw new JsonException("an added token is empty");
            AddedToken token = new(CheckId(json.GetProperty("id").GetInt32(), content), content, IsTrue(json, "normalized"));
            if (!tokens.TryAdd(content, token))
                throw new JsonException($"added token '{content}' occurs twice");
        }

        return [.. tokens.Values];
    }

    private static int CheckId(int id, string token) => id is >= 0 and < int.MaxValue
        ? id
        : throw new JsonException($"token '{token}' has id {id}; 0 to 2^31-2 are allowed");

    private static void Require(string path, string what, bool holds, string? given, string allowed)
    {
        if (!holds)
            throw new NotSupportedException($"{path}: {what} is {given ?? "none"}; {allowed} is supported (byte-level BPE).");
    }

    private static bool IsNull(JsonElement json, string key) =>
        !json.TryGetProperty(key, out JsonElement value) || value.ValueKind == JsonValueKind.Null;

    private static bool IsTrue(JsonElement json, string key) => !IsNull(json, key) && json.GetProperty(key).GetBoolean();

    private static string? TextOf(JsonElement json, string key) => IsNull(json, key) ? null : json.GetProperty(key).GetString();

    private static string? TypeOf(JsonElement root, string key) =>
        IsNull(root, key) ? null : root.GetProperty(key).GetProperty("type").GetString();
}
