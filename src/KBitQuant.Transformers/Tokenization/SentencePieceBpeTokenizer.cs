namespace KBitQuant.Transformers.Tokenization;

/// <summary>
/// A SentencePiece BPE model, as of Llama. As in SentencePiece itself, a text's special tokens are mere text. The merging is the
/// project's own, as Microsoft.ML.Tokenizers' does not take the leftmost of equal pairs first, which gives other tokens.
/// </summary>
internal sealed class SentencePieceBpeTokenizer : TextTokenizer
{
    private readonly SentencePieceModel _model;
    private readonly SentencePieceNormalizer _normalizer;
    private readonly AddedTokens _userDefined;
    private readonly SpacedBpe _bpe;
    private readonly PieceDecoding _decoding;

    private SentencePieceBpeTokenizer(SentencePieceModel model)
    {
        _model = model;
        _userDefined = new(model.Pieces.Index().Where(entry => entry.Item.Kind == SentencePieceKind.UserDefined)
            .Select(entry => new AddedToken(entry.Index, entry.Item.Text)));
        _normalizer = new(model, _userDefined);
        ScoreMergeRules rules = new(model.Pieces);
        _bpe = new(rules, rules.Results, _normalizer.Space, model.ByteTokens, model.UnknownToken)
        {
            Unused = model.Pieces.Any(piece => piece.Kind == SentencePieceKind.Unused) ? new(model.Pieces, rules) : null,
        };
        LeadingSpaces spaces = model.RemovesExtraSpaces ? LeadingSpaces.Dropped
            : model.AddsSpaceBefore || model.AddsSpaceAfter ? LeadingSpaces.OneDropped : LeadingSpaces.Kept;
        _decoding = new(model.Pieces.Index().ToDictionary(entry => entry.Index, entry => entry.Item), model.UnknownText, spaces);
    }

    public override int VocabularySize => _model.Pieces.Count;

    public override int? BeginningOfText => _model.BeginningOfText;

    public override int? EndOfText => _model.EndOfText;

    public static new SentencePieceBpeTokenizer Load(string path) => new(SentencePieceModel.Read(path));

    internal override TokenDecoder StartDecoding() => new PieceDecoder(_decoding);

    private protected override void AppendTokens(string text, List<int> tokens, int maxTokens) =>
        _userDefined.Split(_normalizer.Normalize(text), tokens, maxTokens, section => _bpe.Append(section, tokens, maxTokens));
}
