using System.Text;
using System.Text.Json.Nodes;
using FsCheck.Xunit;
using KBitQuant.Transformers.Checkpoints;
using KBitQuant.Transformers.Tokenization;

namespace KBitQuant.Transformers.Tests.Tokenization;

public class ByteLevelBpeTokenizerTests
{
    private const int TabId = 500;

    private static readonly TextTokenizer Small = SmallTokenizer.Load(SmallTokenizer.Json());
    private static readonly TextTokenizer LikeLlama3 = SmallTokenizer.Load(Llama3Json(ignoresMerges: true));

    [Property(MaxTest = 500)]
    public void DecodeUndoesEncode(string? text)
    {
        string valid = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text ?? ""));
        Assert.Equal(valid, Small.Decode(Small.Encode(text ?? "")));
        Assert.Equal(valid, LikeLlama3.Decode(LikeLlama3.Encode(text ?? "")));
    }

    [Fact]
    public void WordsOfTheVocabularyNeedNoMerges()
    {
        Assert.Equal((TabId + 1, SmallTokenizer.EndOfTextId), (LikeLlama3.BeginningOfText, LikeLlama3.EndOfText));
        // A colon, like a space, belongs to the letters after it; 261 is a space and a t.
        Assert.Equal([TabId, ':', 't', 'a', 'b', 261, 'a', 'b', '!', '\n'], LikeLlama3.Encode("tab:tab tab!\n"));
        Assert.Equal(['t', 'a', 'b'], SmallTokenizer.Load(Llama3Json(ignoresMerges: false)).Encode("tab"));
    }

    [Fact]
    public void BeginningsOfTextsHaveOneOfTwoNames()
    {
        JsonObject json = SmallTokenizer.Json();
        json["added_tokens"] = new JsonArray(SmallTokenizer.Added(TabId, "<s>"), SmallTokenizer.Added(TabId + 1, "</s>"));
        TextTokenizer tokenizer = SmallTokenizer.Load(json);
        Assert.Equal((TabId, TabId + 1), (tokenizer.BeginningOfText, tokenizer.EndOfText));
    }

    /// <summary>Words are merged as the definition says: again and again, the pair of lowest rank, leftmost first.</summary>
    [Property(MaxTest = 500)]
    public void WordsAreMergedByRank(byte[] choices)
    {
        const string Alphabet = "helo tab-é";
        string text = string.Concat(choices.Select(choice => Alphabet[choice % Alphabet.Length]));
        Assert.Equal(EncodeByDefinition(text), Small.Encode(text));
    }

    /// <summary>Around the length from which the merging is the project's own.</summary>
    [Property(MaxTest = 30)]
    public void LongWordsAreMergedByRankToo(int seed)
    {
        const string Alphabet = "helotabé";
        string text = string.Concat(new Random(seed).GetItems<char>(Alphabet, 200 + (seed & 0xFF)));
        Assert.Equal(EncodeByDefinition(text), Small.Encode(text));
    }

    [Theory]
    [InlineData("ab")]
    [InlineData("e")]
    [InlineData("-")]
    [InlineData("é")]
    public void LongWordsDoNotTakeTheSquareOfTheirLength(string unit)
    {
        // By the library's merging it would be minutes.
        string text = string.Concat(Enumerable.Repeat(unit, 1_000_000));
        Assert.Equal(text, Small.Decode(Small.Encode(text)));
    }

    [Property(MaxTest = 300)]
    public void AShorterEncodingIsAPrefix(byte[] choices, byte maxTokens)
    {
        string[] parts = ["hello", " the", "  ", "\n", SmallTokenizer.EndOfText, "é", "a", "'s"];
        string text = string.Concat(choices.Select(choice => parts[choice % parts.Length]));
        Assert.Equal(Small.Encode(text).Take(maxTokens), Small.Encode(text, maxTokens));
    }

    [Fact]
    public void ArgumentsAreChecked()
    {
        Assert.Throws<ArgumentNullException>(() => Small.Encode(null!));
        Assert.Throws<ArgumentOutOfRangeException>(() => Small.Encode("hello", -1));
    }

    [Fact]
    public void AddedTokensAreTakenOutOfTheText()
    {
        Assert.Equal([260, SmallTokenizer.EndOfTextId, 262], Small.Encode("hello<|endoftext|> the"));
        Assert.Equal("hello<|endoftext|> the", Small.Decode([260, SmallTokenizer.EndOfTextId, 262]));
        Assert.Equal(SmallTokenizer.EndOfTextId, Small.EndOfText);
        Assert.Equal(SmallTokenizer.EndOfTextId, Small.BeginningOfText);
        Assert.Equal(256 + 1 + SmallTokenizer.Merges.Length, Small.VocabularySize);
    }

    [Fact]
    public void TheLongestAddedTokenWins()
    {
        JsonObject json = SmallTokenizer.Json();
        json["added_tokens"]!.AsArray().Add(SmallTokenizer.Added(1000, "  ", normalized: true));
        json["added_tokens"]!.AsArray().Add(SmallTokenizer.Added(1001, "   ", normalized: true));
        TextTokenizer tokenizer = SmallTokenizer.Load(json);
        Assert.Equal([1001, 1000, 65 + 32], tokenizer.Encode("     a"));
        Assert.Equal("     a", tokenizer.Decode([1001, 1000, 65 + 32]));
        Assert.Equal(1002, tokenizer.VocabularySize);
    }

    [Fact]
    public void CharactersSplitBetweenTokensComeOutWhole()
    {
        Assert.Equal("🎉", Small.Decode([0xF0, 0x9F, 0x8E, 0x89]));
        Assert.Equal("a\uFFFD", Small.Decode(['a', 0xF0, 0x9F]));
        Assert.Equal("ab", Small.Decode(['a', 5000, -1, 'b']));
        Assert.Equal("", Small.Decode([]));
    }

    [Fact]
    public void TextInFormCPassesAndOtherTextIsNormalizedOrRefused()
    {
        JsonObject json = SmallTokenizer.Json();
        json["normalizer"] = new JsonObject { ["type"] = "NFC" };
        TextTokenizer tokenizer = SmallTokenizer.Load(json);
        foreach (string text in (string[])["“é” – 日本語 🎉", "\uFFFE", "é\uFFFE\uFFFFé\uFFFE"])
            Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text)));
        if ("e\u0301".Normalize().Length == 1)
            Assert.Equal(tokenizer.Encode("\u00E9"), tokenizer.Encode("e\u0301"));
        else
            Assert.Contains("U+0301", Assert.Throws<PlatformNotSupportedException>(() => tokenizer.Encode("e\u0301")).Message);
    }

    [Fact]
    public void DigitsMayBeWordsOfTheirOwn()
    {
        JsonObject json = SmallTokenizer.Json();
        json["model"]!["vocab"]!["11"] = 300;
        json["model"]!["merges"]!.AsArray().Add("1 1");
        Assert.Equal([300, '1'], SmallTokenizer.Load(json).Encode("111"));
        json["pre_tokenizer"] = SmallTokenizer.AfterStep(new() { ["type"] = "Digits", ["individual_digits"] = true }, usesRegex: true);
        Assert.Equal(['1', '1', '1'], SmallTokenizer.Load(json).Encode("111"));
        json["pre_tokenizer"] = SmallTokenizer.AfterStep(new() { ["type"] = "Digits", ["individual_digits"] = false }, usesRegex: true);
        Assert.Equal([300, '1'], SmallTokenizer.Load(json).Encode("111"));
    }

    public static TheoryData<string, string> Unsupported => new()
    {
        { "model.type", "\"Unigram\"" }, { "model.dropout", "0.5" },
        { "model.end_of_word_suffix", "\"</w>\"" }, { "model.continuing_subword_prefix", "\"##\"" },
        { "pre_tokenizer", "{\"type\":\"Metaspace\"}" }, { "pre_tokenizer", "{\"type\":\"Digits\"}" }, { "pre_tokenizer", "null" },
        { "pre_tokenizer.add_prefix_space", "true" }, { "pre_tokenizer.use_regex", "false" },
        { "pre_tokenizer", SmallTokenizer.Split(@"\w+").ToJsonString() }, { "pre_tokenizer", "{\"type\":\"Sequence\",\"pretokenizers\":[]}" },
        { "pre_tokenizer", SmallTokenizer.Split(ByteLevelWords.Llama3Pattern).ToJsonString().Replace("Isolated", "Removed", StringComparison.Ordinal) },
        { "pre_tokenizer", SmallTokenizer.Split(ByteLevelWords.Llama3Pattern).ToJsonString().Replace("\"use_regex\":false", "\"use_regex\":true", StringComparison.Ordinal) },
        { "normalizer", "{\"type\":\"NFKC\"}" },
    };

    [Theory]
    [MemberData(nameof(Unsupported))]
    public void OtherKindsAreRefused(string key, string value) =>
        Assert.Contains(key.Split('.')[^1], Assert.Throws<NotSupportedException>(() => LoadWith(key, value)).Message);

    [Theory]
    [InlineData("model", "null")]
    [InlineData("model.vocab", "[]")]
    [InlineData("model.vocab.a", "-1")]
    [InlineData("model.vocab.a", "2147483647")]
    [InlineData("model.vocab.a", "99999999999")]
    [InlineData("model.vocab.a", "98")]
    [InlineData("model.vocab.a", "\"x\"")]
    [InlineData("model.vocab", "{\"a\":0}")]
    [InlineData("model.merges", "[\"a\"]")]
    [InlineData("model.merges", "[\"a b c\"]")]
    [InlineData("model.merges", "[[\"a\",\"q\"]]")]
    [InlineData("model.merges", "[[\"a\",1]]")]
    [InlineData("model.merges", "[\" \"]")]
    [InlineData("model.merges", "{}")]
    [InlineData("added_tokens.0.content", "\"\"")]
    [InlineData("added_tokens.0.id", "-5")]
    [InlineData("added_tokens", "3")]
    [InlineData("added_tokens.0.content", "\"a\"")]
    public void BadFilesAreRefused(string key, string value) =>
        Assert.Throws<CheckpointFormatException>(() => LoadWith(key, value));

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{\"model\":{\"vocab\":{\"a\":1,\"a\":2},\"merges\":[]}}")]
    public void OtherJsonIsRefused(string json)
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("tokenizer.json", Encoding.UTF8.GetBytes(json));
        Assert.StartsWith(path, Assert.Throws<CheckpointFormatException>(() => TextTokenizer.Load(path)).Message);
    }

    [Theory]
    [InlineData("model", "model")]
    [InlineData("model.vocab", "model.vocab")]
    [InlineData("model.merges", "model.merges")]
    [InlineData("added_tokens.0.id", "added_tokens[0].id")]
    [InlineData("added_tokens.0.content", "added_tokens[0].content")]
    [InlineData("pre_tokenizer.type", "pre_tokenizer.type")]
    public void AMissingMemberIsNamed(string key, string place)
    {
        JsonObject root = SmallTokenizer.Json();
        SmallTokenizer.Parent(root, key).AsObject().Remove(key.Split('.')[^1]);
        string message = Assert.Throws<CheckpointFormatException>(() => SmallTokenizer.Load(root)).Message;
        Assert.EndsWith($"tokenizer.json: '{place}' is missing; it is needed.", message);
    }

    [Theory]
    [InlineData("model.vocab", "[]", "'model.vocab' is an array; an object is allowed")]
    [InlineData("model.vocab.a", "\"x\"", "'model.vocab.a' is \"x\"; an integer of 32 bits is allowed")]
    [InlineData("model.vocab.a", "-1", "'model.vocab.a' is -1; 0 to 2^31-2 is allowed")]
    [InlineData("model.merges", "[[\"a\",1]]", "'model.merges[0][1]' is 1; a text is allowed")]
    [InlineData("model.merges", "{}", "'model.merges' is an object; an array is allowed")]
    [InlineData("model.ignore_merges", "1", "'model.ignore_merges' is 1; true or false is allowed")]
    [InlineData("model", "null", "'model' is missing; it is needed")]
    public void AMemberOfAnotherKindIsNamed(string key, string value, string problem) =>
        Assert.EndsWith($"tokenizer.json: {problem}.", Assert.Throws<CheckpointFormatException>(() => LoadWith(key, value)).Message);

    [Property(MaxTest = 500)]
    public void AnyMutationLoadsOrIsRefused(uint[] positions, byte[] values)
    {
        byte[] json = Encoding.UTF8.GetBytes(SmallTokenizer.Json().ToJsonString());
        for (int i = 0; i < Math.Min(positions.Length, values.Length); i++)
            json[positions[i] * 2654435761 % (uint)json.Length] = values[i];
        using TemporaryFolder folder = new();
        try
        {
            Assert.NotNull(TextTokenizer.Load(folder.Write("tokenizer.json", json)).Encode("hello the é<|endoftext|>"));
        }
        catch (Exception exception) when (exception is CheckpointFormatException or NotSupportedException)
        {
            Assert.Contains("tokenizer.json", exception.Message);
        }
    }

    [Fact]
    public void MissingFilesAreNamed()
    {
        using TemporaryFolder folder = new();
        Assert.Contains("tokenizer.json", Assert.Throws<FileNotFoundException>(() => TextTokenizer.Load(folder.FullName)).Message);
        Assert.Contains("nowhere", Assert.Throws<FileNotFoundException>(() => TextTokenizer.Load(folder.File("nowhere"))).Message);
        Assert.Throws<NotSupportedException>(() => TextTokenizer.Load(folder.Write("vocab.txt", "a"u8)));
    }

    /// <summary>With a pattern of its own, a word that no merges lead to, and a token that begins texts.</summary>
    private static JsonObject Llama3Json(bool ignoresMerges)
    {
        JsonObject json = SmallTokenizer.Json();
        json["pre_tokenizer"] = SmallTokenizer.Split(ByteLevelWords.Llama3Pattern);
        json["model"]!["ignore_merges"] = ignoresMerges;
        json["model"]!["vocab"]!["tab"] = TabId;
        json["added_tokens"]!.AsArray().Add(SmallTokenizer.Added(TabId + 1, "<|begin_of_text|>"));
        return json;
    }

    private static void LoadWith(string key, string value)
    {
        JsonObject root = SmallTokenizer.Json();
        SmallTokenizer.Parent(root, key)[key.Split('.')[^1]] = JsonNode.Parse(value);
        SmallTokenizer.Load(root);
    }

    private static IEnumerable<int> EncodeByDefinition(string text)
    {
        List<string> tokens = [];
        for (int start = 0; start < text.Length;)
        {
            int length = ByteLevelWords.Cutters[ByteLevelWords.Gpt2Pattern](text.AsSpan(start));
            byte[] word = Encoding.UTF8.GetBytes(text.Substring(start, length));
            tokens.AddRange(Merge([.. word.Select(value => ByteLevelAlphabet.Characters[value].ToString())]));
            start += length;
        }

        JsonObject vocabulary = SmallTokenizer.Json()["model"]!["vocab"]!.AsObject();
        return tokens.Select(token => vocabulary[token]!.GetValue<int>());
    }

    private static List<string> Merge(List<string> pieces)
    {
        while (true)
        {
            var best = Enumerable.Range(0, Math.Max(0, pieces.Count - 1))
                .Select(i => (Rank: Array.IndexOf(SmallTokenizer.Merges, $"{pieces[i]} {pieces[i + 1]}"), Position: i))
                .Where(pair => pair.Rank >= 0).OrderBy(pair => pair).FirstOrDefault((-1, 0));
            if (best.Item1 < 0)
                return pieces;
            pieces[best.Item2] += pieces[best.Item2 + 1];
            pieces.RemoveAt(best.Item2 + 1);
        }
    }
}
