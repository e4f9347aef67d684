using System.Text.Json;
using KBitQuant.Transformers.Checkpoints;

namespace KBitQuant.Transformers.Tokenization;

/// <summary>
/// How a tokenizer whose unknown characters are bytes prepares text and decodes tokens, as its <c>tokenizer.json</c> says: such
/// files are made from SentencePiece models, and do in steps what SentencePiece does.
/// </summary>
/// <param name="Escapes">Whether normalizing writes U+2581 for spaces; otherwise cutting text into words does.</param>
/// <param name="Prepends">Whether normalizing puts a space before each section of text, whatever it begins with.</param>
/// <param name="Prefix">Where cutting text into words puts one.</param>
/// <param name="CutsAtEverySpace">Whether every space begins a word.</param>
/// <param name="DropsSpace">Whether decoding drops a space that begins a text.</param>
internal sealed record ByteFallbackText(bool Escapes, bool Prepends, SpacePrefix Prefix, bool CutsAtEverySpace, bool DropsSpace)
{
    private const string NormalizerKey = "normalizer", WordsKey = "pre_tokenizer", DecoderKey = "decoder";
    private const string Space = "\u2581";

    /// <summary>Reads and checks it.</summary>
    /// <exception cref="NotSupportedException">It would not be done exactly here.</exception>
    /// <exception cref="JsonException">It is not valid.</exception>
    public static ByteFallbackText Read(TokenizerJson json)
    {
        (bool escapes, bool prepends) = ReadNormalizer(json);
        (SpacePrefix prefix, bool cuts, bool escapesLater) = ReadWords(json);
        json.Require(NormalizerKey, escapes || escapesLater, "without Replace, and pre_tokenizer without Metaspace", "one of them");
        return new(escapes, prepends, prefix, cuts, ReadDecoder(json));
    }

    private static (bool Escapes, bool Prepends) ReadNormalizer(TokenizerJson json)
    {
        JsonMember[] steps = json.StepsOf(NormalizerKey, "normalizers");
        string[] types = [.. steps.Select(TokenizerJson.TypeOf)];
        bool isKnown = types is [] or ["Replace"] or ["Prepend", "Replace"];
        json.Require(NormalizerKey, isKnown, string.Join(", ", types), "none, Replace, or Prepend and Replace");
        if (types is ["Prepend", _])
            RequireText(json, $"{NormalizerKey}.prepend", TokenizerJson.TextOf(steps[0], "prepend"), Space);
        if (types.Length > 0)
            RequireReplace(json, NormalizerKey, steps[^1], " ", Space);
        return (types.Length > 0, types.Length == 2);
    }

    private static (SpacePrefix Prefix, bool Cuts, bool Escapes) ReadWords(TokenizerJson json)
    {
        JsonMember[] steps = json.StepsOf(WordsKey, "pretokenizers");
        string[] types = [.. steps.Select(TokenizerJson.TypeOf)];
        json.Require(WordsKey, types is [] or ["Metaspace"] or ["Split"], string.Join(", ", types), "none, Metaspace or Split");
        if (types is ["Split"])
        {
            // As Gemma's: of text without spaces, as the normalizer leaves it, nothing is split.
            RequireText(json, $"{WordsKey}.pattern", TokenizerJson.TextOf(steps[0].Required("pattern"), "String"), " ");
            json.Require($"{WordsKey}.invert", !TokenizerJson.IsTrue(steps[0], "invert"), "true", "false");
        }

        return types is ["Metaspace"] ? ReadMetaspace(json, steps[0]) : (SpacePrefix.None, false, false);
    }

    private static (SpacePrefix Prefix, bool Cuts, bool Escapes) ReadMetaspace(TokenizerJson json, JsonMember step)
    {
        RequireText(json, $"{WordsKey}.replacement", TokenizerJson.TextOf(step, "replacement"), Space);
        // Older files say add_prefix_space instead.
        bool prefixes = step.Find("add_prefix_space")?.Flag() ?? true;
        string scheme = TokenizerJson.TextOf(step, "prepend_scheme") ?? (prefixes ? "always" : "never");
        json.Require($"{WordsKey}.prepend_scheme", scheme is "always" or "first" or "never", scheme, "always, first or never");
        bool splits = step.Find("split")?.Flag() ?? true;
        return (scheme switch { "always" => SpacePrefix.Sections, "first" => SpacePrefix.Beginning, _ => SpacePrefix.None }, splits, true);
    }

    private static bool ReadDecoder(TokenizerJson json)
    {
        JsonMember[] steps = json.StepsOf(DecoderKey, "decoders");
        string[] types = [.. steps.Select(TokenizerJson.TypeOf)];
        json.Require(DecoderKey, types is ["Replace", "ByteFallback", "Fuse"] or ["Replace", "ByteFallback", "Fuse", "Strip"],
            types is [] ? null : string.Join(", ", types), "Replace, ByteFallback, Fuse and perhaps Strip");
        RequireReplace(json, DecoderKey, steps[0], Space, " ");
        if (types.Length == 3)
            return false;
        RequireText(json, $"{DecoderKey}.content", TokenizerJson.TextOf(steps[3], "content"), " ");
        int start = steps[3].Required("start").Integer(), stop = steps[3].Required("stop").Integer();
        json.Require($"{DecoderKey}.start and stop", (start, stop) == (1, 0), $"{start} and {stop}", "1 and 0");
        return true;
    }

    private static void RequireReplace(TokenizerJson json, string key, JsonMember step, string pattern, string content)
    {
        RequireText(json, $"{key}.pattern", TokenizerJson.TextOf(step.Required("pattern"), "String"), pattern);
        RequireText(json, $"{key}.content", TokenizerJson.TextOf(step, "content"), content);
    }

    private static void RequireText(TokenizerJson json, string what, string? given, string allowed) =>
        json.Require(what, given == allowed, $"'{given}'", $"'{allowed}'");
}
