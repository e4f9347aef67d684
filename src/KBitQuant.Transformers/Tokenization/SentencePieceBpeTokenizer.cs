using System.Text;

namespace KBitQuant.Transformers.Tokenization;

/// <summary>
/// A SentencePiece BPE model, as of Llama. As in SentencePiece itself, a text's special tokens are mere text. The merging is the
/// project's own, as Microsoft.ML.Tokenizers' does not take the leftmost of equal pairs first, which gives other tokens.
/// </summary>
internal sealed class SentencePieceBpeTokenizer : TextTokenizer
{
    private readonly SentencePieceModel _model;
    private readonly SentencePieceNormalizer _normalizer;
    private readonly ScoreMergeRules _rules;
    private readonly AddedTokens _userDefined;
    private readonly bool _canSplit;

    private SentencePieceBpeTokenizer(SentencePieceModel model)
    {
        _model = model;
        _normalizer = new(model);
        _rules = new(model.Pieces);
        _userDefined = new(model.Pieces.Index().Where(entry => entry.Item.Kind == SentencePieceKind.UserDefined)
            .ToDictionary(entry => entry.Item.Text, entry => entry.Index));
        _canSplit = model.Pieces.All(piece => piece.Kind != SentencePieceKind.Normal || WordLength(piece.Text) == piece.Text.Length);
    }

    public override int VocabularySize => _model.Pieces.Count;

    public override int? BeginningOfText => _model.BeginningOfText;

    public override int? EndOfText => _model.EndOfText;

    public static new SentencePieceBpeTokenizer Load(string path) => new(SentencePieceModel.Read(path));

    internal override TokenDecoder StartDecoding() => new SentencePieceDecoder(_model);

    private protected override void AppendTokens(string text, List<int> tokens, int maxTokens)
    {
        SymbolMerger merger = new(_rules);
        _userDefined.Split(_normalizer.Normalize(text), tokens, maxTokens, section => AppendWords(section, merger, tokens, maxTokens));
    }

    private void AppendWords(ReadOnlySpan<char> text, SymbolMerger merger, List<int> tokens, int maxTokens)
    {
        while (!text.IsEmpty && tokens.Count < maxTokens)
        {
            ReadOnlySpan<char> word = text[..(_canSplit ? WordLength(text) : text.Length)];
            foreach (MergedSymbol symbol in merger.Merge(word))
                Append(symbol, word, tokens);
            text = text[word.Length..];
        }
    }

    private void Append(MergedSymbol symbol, ReadOnlySpan<char> word, List<int> tokens)
    {
        if (symbol.Token != IMergeRules.NoToken)
        {
            tokens.Add(symbol.Token);
        }
        else if (_model.ByteTokens is { } byteTokens)
        {
            foreach (byte value in Encoding.UTF8.GetBytes(word.Slice(symbol.Start, symbol.Length).ToArray()))
                tokens.Add(byteTokens[value]);
        }
        // Unknown characters that follow each other are one token.
        else if (tokens.Count == 0 || tokens[^1] != _model.UnknownToken)
        {
            tokens.Add(_model.UnknownToken);
        }
    }

    /// <summary>
    /// The length up to the first space that follows something else. Where no piece of the vocabulary reaches over such a
    /// place, no merge does, and words can be encoded one by one with the same result.
    /// </summary>
    private int WordLength(ReadOnlySpan<char> text)
    {
        int start = text.IndexOfAnyExcept(_normalizer.Space);
        int length = start < 0 ? -1 : text[start..].IndexOf(_normalizer.Space);
        return length < 0 ? text.Length : start + length;
    }
}
