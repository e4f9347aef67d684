using System.Text;
using Microsoft.ML.Tokenizers;

namespace KBitQuant.Transformers.Tokenization;

/// <summary>
/// Byte-level BPE: added tokens are taken out of the text, the rest is normalized and cut into words by the tokenizer's pattern,
/// each word is UTF-8 bytes merged by rank. The merging is the library's, but for long words, of which it takes the square of their
/// length; the rest is here, as the library's own pre-tokenizers see UTF-16 units where the pattern means characters.
/// </summary>
internal sealed class ByteLevelBpeTokenizer : TextTokenizer
{
    /// <summary>UTF-16 units of a long word: more than words of any language have.</summary>
    private const int LongWord = 256;

    private readonly BpeTokenizer _bpe;
    private readonly RankMergeRules _rules;
    private readonly AddedTokens _rawTokens;
    private readonly AddedTokens _normalizedTokens;
    private readonly bool _normalizes;
    private readonly ByteLevelWords.Cutter _firstWord;
    private readonly Dictionary<string, int>? _wholeWords;
    private readonly Dictionary<int, byte[]> _bytes = [];

    public ByteLevelBpeTokenizer(TokenizerJson json)
    {
        (_normalizes, _firstWord) = ByteLevelText.Read(json);
        _bpe = BpeTokenizer.Create(new BpeOptions(json.Vocabulary)
        {
            Merges = [.. json.Merges.Select(merge => $"{merge.Left} {merge.Right}")],
            ByteLevel = true,
        });
        _rules = new(json.Vocabulary, json.Merges);
        _wholeWords = json.IgnoresMerges ? json.Vocabulary : null;
        ILookup<bool, AddedToken> added = json.AddedTokens.ToLookup(token => token.IsNormalized);
        _rawTokens = new(added[false]);
        _normalizedTokens = new(added[true].Select(
            token => token with { Content = Normalize(token.Content, $"added token '{token.Content}' of {json.Path}") }));
        foreach ((string token, int id) in json.Vocabulary)
            _bytes[id] = ByteLevelAlphabet.ToBytes(token);
        foreach (AddedToken token in json.AddedTokens)
            _bytes[token.Id] = Encoding.UTF8.GetBytes(token.Content);
        VocabularySize = _bytes.Keys.Max() + 1;
        EndOfText = json.FindAddedToken("<|endoftext|>", "<|end_of_text|>", "</s>");
        BeginningOfText = json.FindAddedToken("<|begin_of_text|>", "<s>") ?? EndOfText;
    }

    public override int VocabularySize { get; }

    public override int? BeginningOfText { get; }

    public override int? EndOfText { get; }

    internal override TokenDecoder StartDecoding() => new ByteLevelDecoder(_bytes);

    private protected override void AppendTokens(string text, List<int> tokens, int maxTokens) =>
        _rawTokens.Split(text, tokens, maxTokens, section =>
            _normalizedTokens.Split(Normalize(section, "this text"), tokens, maxTokens, words => AppendWords(words, tokens, maxTokens)));

    private void AppendWords(string text, List<int> tokens, int maxTokens)
    {
        ReadOnlySpan<char> rest = text;
        while (!rest.IsEmpty && tokens.Count < maxTokens)
        {
            ReadOnlySpan<char> word = rest[.._firstWord(rest)];
            if (_wholeWords is not null && _wholeWords.TryGetValue(ByteLevelAlphabet.Spell(word), out int token))
                tokens.Add(token);
            else if (word.Length >= LongWord)
                tokens.AddRange(new SymbolMerger(_rules).Merge(ByteLevelAlphabet.Spell(word)).Select(symbol => symbol.Token));
            else
                tokens.AddRange(_bpe.EncodeToIds(word, considerPreTokenization: false, considerNormalization: false));
            rest = rest[word.Length..];
        }
    }

    private string Normalize(string text, string what) => _normalizes ? NormalizationFormC.Apply(text, what) : text;
}
