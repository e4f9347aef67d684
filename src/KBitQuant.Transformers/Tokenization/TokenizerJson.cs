using System.Text.Json;

namespace KBitQuant.Transformers.Tokenization;

/// <summary>What a Hugging Face <c>tokenizer.json</c> says of a byte-level BPE tokenizer.</summary>
/// <param name="Vocabulary">Ids of the pieces, spelled in the <see cref="ByteLevelAlphabet"/>.</param>
/// <param name="Merges">Pairs of pieces, <c>left right</c>, most wanted first.</param>
/// <param name="AddedTokens">Tokens matched in the text itself.</param>
/// <param name="NormalizesToFormC">Whether text is brought to NFC first.</param>
internal sealed record TokenizerJson(
    Dictionary<string, int> Vocabulary, List<string> Merges, List<AddedToken> AddedTokens, bool NormalizesToFormC)
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
        Require(path, "model.ignore_merges", !IsTrue(model, "ignore_merges"), "true", "false");
        foreach (string affix in (string[])["continuing_subword_prefix", "end_of_word_suffix"])
            Require(path, $"model.{affix}", string.IsNullOrEmpty(TextOf(model, affix)), TextOf(model, affix), "none");
        RequireGpt2Words(root, path);
        string? normalizer = TypeOf(root, "normalizer");
        Require(path, "normalizer", normalizer is null or "NFC", normalizer, "none or NFC");

        Dictionary<string, int> vocabulary = ReadVocabulary(model.GetProperty("vocab"));
        List<AddedToken> added = ReadAddedTokens(root, path);
        return new(vocabulary, ReadMerges(model.GetProperty("merges"), vocabulary), added, normalizer is not null);
    }

    private static void RequireGpt2Words(JsonElement root, string path)
    {
        string? type = TypeOf(root, "pre_tokenizer");
        Require(path, "pre_tokenizer", type == "ByteLevel", type, "ByteLevel");
        JsonElement preTokenizer = root.GetProperty("pre_tokenizer");
        Require(path, "pre_tokenizer.add_prefix_space", !IsTrue(preTokenizer, "add_prefix_space"), "true", "false");
        bool usesPattern = !preTokenizer.TryGetProperty("use_regex", out JsonElement usesRegex) || usesRegex.GetBoolean();
        Require(path, "pre_tokenizer.use_regex", usesPattern, "false", "true");
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
