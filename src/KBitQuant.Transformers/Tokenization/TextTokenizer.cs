using System.Text;
using KBitQuant.Transformers.Checkpoints;

namespace KBitQuant.Transformers.Tokenization;

/// <summary>
/// Text to tokens and back, as the model was trained: BPE of a Hugging Face <c>tokenizer.json</c>, of bytes (GPT-2, GPT-NeoX, Llama 3,
/// Qwen 2, Mistral Nemo) or of characters with bytes for unknown ones (Llama 1 and 2, Mistral), or a SentencePiece BPE model (the latter's). Safe to
/// use from several threads.
/// </summary>
public abstract class TextTokenizer
{
    private const string JsonFileName = "tokenizer.json";
    private const string SentencePieceFileName = "tokenizer.model";

    private protected TextTokenizer()
    {
    }

    /// <summary>The highest id plus one. A model's own vocabulary may be padded beyond.</summary>
    public abstract int VocabularySize { get; }

    /// <summary>
    /// The token that stands before a text: <c>&lt;s&gt;</c> or as a SentencePiece model names it (Llama 1 and 2, Mistral),
    /// <c>&lt;|begin_of_text|&gt;</c> (Llama 3), otherwise, of tokens that are bytes, the one that ends texts; null if there is none.
    /// </summary>
    public abstract int? BeginningOfText { get; }

    /// <summary>The token that ends a text: <c>&lt;|endoftext|&gt;</c> (GPT, Qwen), <c>&lt;|end_of_text|&gt;</c> (Llama 3) or
    /// <c>&lt;/s&gt;</c> (others, unless a SentencePiece model names it otherwise); null where there is none.</summary>
    public abstract int? EndOfText { get; }

    /// <summary>Why a folder's <c>tokenizer.json</c> was passed over for its <c>tokenizer.model</c>; null where it was not.</summary>
    public string? FallbackReason { get; private set; }

    /// <summary>Loads a tokenizer.</summary>
    /// <param name="path">
    /// A folder with <c>tokenizer.json</c> or <c>tokenizer.model</c>, or such a file by any name with the same ending. Of both in a folder
    /// the former counts, as for Hugging Face's libraries: it knows the tokens that were added to the model's. If it is of a kind that is not
    /// supported, the latter does, and <see cref="FallbackReason"/> says why; in texts, added tokens are then mere text.
    /// </param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="CheckpointFormatException">The file is not valid.</exception>
    /// <exception cref="NotSupportedException">The tokenizer, of a folder each that it holds, is of another kind; the message says in
    /// what.</exception>
    /// <exception cref="PlatformNotSupportedException">
    /// The tokenizer normalizes text to NFC, one of its added tokens may need it, and the program runs in .NET's globalization-invariant
    /// mode, which cannot.
    /// </exception>
    public static TextTokenizer Load(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (File.Exists(path))
            return LoadFile(path);
        if (!Directory.Exists(path))
            throw MissingFile.Of(path, $"There is no file or folder '{path}' to read a tokenizer from.");
        string json = Path.Combine(path, JsonFileName), model = Path.Combine(path, SentencePieceFileName);
        return (File.Exists(json), File.Exists(model)) switch
        {
            (true, true) => LoadEither(json, model),
            (true, false) => LoadFile(json),
            (false, true) => LoadFile(model),
            _ => throw MissingFile.Of(json, $"The folder '{path}' holds neither {JsonFileName} nor {SentencePieceFileName}."),
        };
    }

    /// <summary>Encodes a whole text, adding no tokens before or after it.</summary>
    /// <param name="text">The text; unpaired surrogates are taken as U+FFFD.</param>
    /// <returns>The token ids.</returns>
    /// <inheritdoc cref="Encode(string, int)" path="/exception"/>
    public int[] Encode(string text) => Encode(text, int.MaxValue);

    /// <summary>
    /// Encodes the beginning of a text: the first tokens of <see cref="Encode(string)"/>, without encoding the whole.
    /// </summary>
    /// <param name="text">The text; unpaired surrogates are taken as U+FFFD.</param>
    /// <param name="maxTokens">The most tokens to return, 0 or more.</param>
    /// <returns>The token ids.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    /// <exception cref="PlatformNotSupportedException">
    /// The tokenizer normalizes text to NFC, this text may need it, and the program runs in .NET's globalization-invariant
    /// mode, which cannot.
    /// </exception>
    public int[] Encode(string text, int maxTokens)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfNegative(maxTokens);
        List<int> tokens = [];
        AppendTokens(WithoutUnpairedSurrogates(text), tokens, maxTokens);
        return tokens.Count <= maxTokens ? [.. tokens] : [.. tokens[..maxTokens]];
    }

    /// <summary>
    /// Decodes tokens. Those that are bytes are joined and read as UTF-8, so that characters split between tokens come out whole;
    /// what is not UTF-8 gives U+FFFD, ids without a token give nothing. Special tokens give their own text; of a SentencePiece model,
    /// as SentencePiece has it, control tokens give none, the unknown one <c>⁇</c> between spaces, and the space that it puts
    /// before a text is dropped.
    /// </summary>
    /// <param name="tokens">The token ids.</param>
    public string Decode(ReadOnlySpan<int> tokens)
    {
        TokenDecoder decoder = StartDecoding();
        foreach (int token in tokens)
            decoder.Append(token);
        return decoder.Finish();
    }

    /// <summary>Starts to decode tokens as they come.</summary>
    internal abstract TokenDecoder StartDecoding();

    /// <summary>Appends a text's tokens, at least <paramref name="maxTokens"/> if it has so many, and soon no more.</summary>
    private protected abstract void AppendTokens(string text, List<int> tokens, int maxTokens);

    private static TextTokenizer FromJson(TokenizerJson json) =>
        json.HasByteFallback ? new ByteFallbackBpeTokenizer(json) : new ByteLevelBpeTokenizer(json);

    private static TextTokenizer LoadFile(string file) => Path.GetExtension(file) switch
    {
        ".json" => JsonFile.Read(file, root => FromJson(new TokenizerJson(root, file))),
        ".model" => SentencePieceBpeTokenizer.Load(file),
        _ => throw new NotSupportedException($"'{file}' is no tokenizer by its name; *.json and *.model (SentencePiece) are."),
    };

    /// <summary>Loads the first of two files, or the second where the first is of a kind that is not supported.</summary>
    private static TextTokenizer LoadEither(string json, string model)
    {
        try
        {
            return LoadFile(json);
        }
        // What the platform lacks is no matter of the file.
        catch (NotSupportedException refusal) when (refusal is not PlatformNotSupportedException)
        {
            try
            {
                TextTokenizer tokenizer = LoadFile(model);
                tokenizer.FallbackReason = refusal.Message;
                return tokenizer;
            }
            catch (Exception exception) when (exception is NotSupportedException or CheckpointFormatException)
            {
                throw new NotSupportedException($"{refusal.Message} {exception.Message}", exception);
            }
        }
    }

    private static string WithoutUnpairedSurrogates(string text) =>
        text.AsSpan().ContainsAnyInRange('\ud800', '\udfff') ? Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)) : text;
}
