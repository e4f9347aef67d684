using Google.Protobuf;
using KBitQuant.Transformers.Checkpoints;
using Microsoft.ML.Tokenizers;

namespace KBitQuant.Transformers.Tokenization;

/// <summary>A SentencePiece BPE model, as of Llama. As in SentencePiece itself, a text's special tokens are mere text.</summary>
internal sealed class SentencePieceBpeTokenizer : TextTokenizer
{
    private const char Space = '\u2581';

    private readonly LlamaTokenizer _model;
    private readonly bool _canSplit;

    private SentencePieceBpeTokenizer(LlamaTokenizer model)
    {
        _model = model;
        VocabularySize = model.Vocabulary.Values.Max() + 1;
        _canSplit = !model.Vocabulary.Keys.Any(piece => WordLength(piece) < piece.Length);
    }

    public override int VocabularySize { get; }

    public override int? BeginningOfText => _model.BeginningOfSentenceId;

    public override int? EndOfText => _model.EndOfSentenceId;

    public static new SentencePieceBpeTokenizer Load(string path)
    {
        using FileStream stream = File.OpenRead(path);
        try
        {
            return new(LlamaTokenizer.Create(stream, addBeginOfSentence: false, addEndOfSentence: false));
        }
        // The library takes for granted that a model has a normalizer and a trainer, and its result, pieces.
        catch (Exception exception)
            when (exception is InvalidProtocolBufferException or ArgumentException or InvalidOperationException or NullReferenceException)
        {
            throw new CheckpointFormatException(path, $"not a SentencePiece BPE model: {exception.Message}", exception);
        }
    }

    public override string Decode(ReadOnlySpan<int> tokens) => _model.Decode(tokens.ToArray());

    private protected override void AppendTokens(string text, List<int> tokens, int maxTokens)
    {
        ReadOnlySpan<char> rest = _model.Normalizer?.Normalize(text) ?? text;
        while (!rest.IsEmpty && tokens.Count < maxTokens)
        {
            int length = _canSplit ? WordLength(rest) : rest.Length;
            tokens.AddRange(_model.EncodeToIds(rest[..length], considerPreTokenization: false, considerNormalization: false));
            rest = rest[length..];
        }
    }

    /// <summary>
    /// The length up to the first space that follows something else. Where no piece of the vocabulary reaches over such a
    /// place, no merge does, and words can be encoded one by one with the same result.
    /// </summary>
    private static int WordLength(ReadOnlySpan<char> text)
    {
        int start = text.IndexOfAnyExcept(Space);
        int length = start < 0 ? -1 : text[start..].IndexOf(Space);
        return length < 0 ? text.Length : start + length;
    }
}
