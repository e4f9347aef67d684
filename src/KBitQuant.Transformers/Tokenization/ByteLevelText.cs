using System.Text.Json;
using KBitQuant.Transformers.Checkpoints;

namespace KBitQuant.Transformers.Tokenization;

/// <summary>How a byte-level tokenizer prepares text, as its <c>tokenizer.json</c> says.</summary>
/// <param name="NormalizesToFormC">Whether text is brought to NFC first.</param>
/// <param name="FirstWord">Cuts text into words.</param>
internal sealed record ByteLevelText(bool NormalizesToFormC, ByteLevelWords.Cutter FirstWord)
{
    private const string WordsKey = "pre_tokenizer";

    /// <summary>Reads and checks it.</summary>
    /// <exception cref="NotSupportedException">It would not be done exactly here.</exception>
    /// <exception cref="JsonException">It is not valid.</exception>
    public static ByteLevelText Read(TokenizerJson json)
    {
        string[] normalizers = [.. json.StepsOf("normalizer", "normalizers").Select(TokenizerJson.TypeOf)];
        json.Require("normalizer", normalizers is [] or ["NFC"], string.Join(", ", normalizers), "none or NFC");
        for (int value = 0; value <= byte.MaxValue; value++)
        {
            string spelling = ByteLevelAlphabet.Characters[value].ToString();
            if (OccursInUtf8((byte)value) && !json.Vocabulary.ContainsKey(spelling))
                throw new JsonException($"the vocabulary lacks byte 0x{value:X2}, '{spelling}'; all bytes of UTF-8 are needed");
        }

        return new(normalizers.Length > 0, ReadWords(json));
    }

    // 0xC0, 0xC1 and all from 0xF5 would begin overlong forms or characters beyond U+10FFFF; GPT-NeoX's vocabulary omits them.
    private static bool OccursInUtf8(byte value) => value is not (0xC0 or 0xC1 or >= 0xF5);

    /// <summary>Words are GPT-2's, with digits apart or not, or cut by a pattern of the file's own before.</summary>
    private static ByteLevelWords.Cutter ReadWords(TokenizerJson json)
    {
        JsonMember[] steps = json.StepsOf(WordsKey, "pretokenizers");
        string[] types = [.. steps.Select(TokenizerJson.TypeOf)];
        json.Require(WordsKey, types is ["ByteLevel"] or ["Split", "ByteLevel"] or ["Digits", "ByteLevel"],
            types is [] ? null : string.Join(", ", types), "ByteLevel, with Split or Digits before it or not,");
        json.Require($"{WordsKey}.add_prefix_space", !TokenizerJson.IsTrue(steps[^1], "add_prefix_space"), "true", "false");
        bool usesPattern = steps[^1].Find("use_regex")?.Flag() ?? true;
        json.Require($"{WordsKey}.use_regex", usesPattern == (types[0] != "Split"), $"{usesPattern}", $"{!usesPattern}");
        return types[0] switch
        {
            "Split" => ReadPattern(json, steps[0]),
            "Digits" => ByteLevelWords.Gpt2WithNumbersApart(TokenizerJson.IsTrue(steps[0], "individual_digits")),
            _ => ByteLevelWords.Cutters[ByteLevelWords.Gpt2Pattern],
        };
    }

    private static ByteLevelWords.Cutter ReadPattern(TokenizerJson json, JsonMember step)
    {
        string? pattern = TokenizerJson.TextOf(step.Required("pattern"), "Regex"), behavior = TokenizerJson.TextOf(step, "behavior");
        bool isIsolated = behavior == "Isolated" && !TokenizerJson.IsTrue(step, "invert");
        json.Require($"{WordsKey}.behavior", isIsolated, behavior, "Isolated, not inverted,");
        bool isKnown = ByteLevelWords.Cutters.TryGetValue(pattern ?? "", out ByteLevelWords.Cutter? cutter);
        json.Require($"{WordsKey}.pattern", isKnown, pattern, $"{string.Join(" or ", ByteLevelWords.Cutters.Keys)}");
        return cutter!;
    }
}
