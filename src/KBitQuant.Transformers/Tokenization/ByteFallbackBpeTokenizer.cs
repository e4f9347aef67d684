using System.Text.Json;

namespace KBitQuant.Transformers.Tokenization;

/// <summary>
/// BPE of characters with bytes for unknown ones, as <c>tokenizer.json</c> files made from SentencePiece models have it. Special
/// tokens decode to nothing, as in the model itself.
/// </summary>
internal sealed class ByteFallbackBpeTokenizer : TextTokenizer
{
    private readonly ByteFallbackText _text;
    private readonly AddedTokens _rawTokens;
    private readonly AddedTokens _normalizedTokens;
    private readonly SpacedBpe _bpe;
    private readonly PieceDecoding _decoding;

    public ByteFallbackBpeTokenizer(TokenizerJson json)
    {
        _text = ByteFallbackText.Read(json);
        json.Require("model.ignore_merges", !json.IgnoresMerges, "true", "false");
        ILookup<bool, AddedToken> added = json.AddedTokens.ToLookup(token => token.IsNormalized);
        _rawTokens = new(added[false]);
        _normalizedTokens = new(added[true].Select(token => token with { Content = Normalize(token.Content) }));
        IEnumerable<string> results = json.Merges.Select(merge => merge.Left + merge.Right);
        _bpe = new(new RankMergeRules(json.Vocabulary, json.Merges), results, SentencePieceNormalizer.EscapedSpace, ByteTokens(json))
        {
            CutsAtEverySpace = _text.CutsAtEverySpace,
        };
        Dictionary<int, SentencePiece> pieces = json.Vocabulary.ToDictionary(entry => entry.Value, entry => Piece(entry.Key));
        foreach (AddedToken token in json.AddedTokens)
            pieces[token.Id] = new(token.Content, 0, token.IsSpecial ? SentencePieceKind.Control : SentencePieceKind.UserDefined);
        _decoding = new(pieces, "", _text.DropsSpace ? LeadingSpaces.OneDropped : LeadingSpaces.Kept);
        VocabularySize = pieces.Keys.Max() + 1;
        BeginningOfText = json.FindAddedToken("<s>", "<bos>");
        EndOfText = json.FindAddedToken("</s>", "<eos>");
    }

    public override int VocabularySize { get; }

    public override int? BeginningOfText { get; }

    public override int? EndOfText { get; }

    internal override TokenDecoder StartDecoding() => new PieceDecoder(_decoding);

    private protected override void AppendTokens(string text, List<int> tokens, int maxTokens) =>
        _rawTokens.Split(text, tokens, maxTokens, section =>
            _normalizedTokens.Split(Normalize(section), tokens, maxTokens, words => AppendWords(words, tokens, maxTokens)));

    private static SentencePiece Piece(string text) =>
        new(text, 0, SentencePieceModel.ByteOf(text) is null ? SentencePieceKind.Normal : SentencePieceKind.Byte);

    private static int[] ByteTokens(TokenizerJson json) =>
    [
        .. Enumerable.Range(0, byte.MaxValue + 1).Select(value => json.Vocabulary.TryGetValue($"<0x{value:X2}>", out int token)
            ? token
            : throw new JsonException($"the vocabulary lacks '<0x{value:X2}>'; with byte_fallback all 256 bytes are needed")),
    ];

    private static string Escape(string text) => text.Replace(' ', SentencePieceNormalizer.EscapedSpace);

    private string Normalize(string text) =>
        (_text.Prepends ? $"{SentencePieceNormalizer.EscapedSpace}" : "") + (_text.Escapes ? Escape(text) : text);

    private void AppendWords(string text, List<int> tokens, int maxTokens)
    {
        string words = Escape(text);
        // That there are no tokens means that this is the beginning of the text.
        bool isPrefixed = _text.Prefix == SpacePrefix.Sections || (_text.Prefix == SpacePrefix.Beginning && tokens.Count == 0);
        bool isSpaced = words.StartsWith(SentencePieceNormalizer.EscapedSpace);
        _bpe.Append(isPrefixed && !isSpaced ? SentencePieceNormalizer.EscapedSpace + words : words, tokens, maxTokens);
    }
}
