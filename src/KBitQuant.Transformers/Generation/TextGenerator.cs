using KBitQuant.Transformers.Models;
using KBitQuant.Transformers.Tokenization;

namespace KBitQuant.Transformers.Generation;

/// <summary>Continues texts with a model. May be used from several threads.</summary>
/// <param name="model">The model.</param>
/// <param name="tokenizer">Its tokenizer.</param>
/// <param name="clock">Counts tokens and their time; null for nothing. With one, generate one text at a time.</param>
public sealed class TextGenerator(TransformerModel model, TextTokenizer tokenizer, GenerationClock? clock = null)
{
    private readonly TransformerModel _model = model ?? throw new ArgumentNullException(nameof(model));
    private readonly TextTokenizer _tokenizer = tokenizer ?? throw new ArgumentNullException(nameof(tokenizer));

    /// <summary>Continues a text, token by token, as the pieces are asked for.</summary>
    /// <param name="prompt">The text to continue; may be empty. The token that begins texts is put before it.</param>
    /// <param name="options">How to choose tokens; null for greedy.</param>
    /// <param name="cancellationToken">Stops within a token, and within the prompt.</param>
    /// <returns>Pieces of the continuation: whole characters, never a part of one.</returns>
    /// <exception cref="ArgumentException">The prompt has as many tokens as the model takes, or more; or one that is not the model's; or none,
    /// where the tokenizer has no token to begin with.</exception>
    /// <exception cref="PlatformNotSupportedException">The prompt may need a normalization that .NET cannot do; see
    /// <see cref="TextTokenizer.Encode(string)"/>.</exception>
    /// <exception cref="InvalidOperationException">The largest logit is no finite number; thrown as pieces are asked for. On a GPU only where
    /// tokens are drawn (<see cref="SamplingOptions.Temperature"/> above 0).</exception>
    /// <exception cref="ObjectDisposedException">The model or its device is disposed of; thrown as pieces are asked for.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; thrown as pieces are asked for.</exception>
    public IEnumerable<string> Generate(string prompt, SamplingOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        int[] beginning = _tokenizer.BeginningOfText is { } token ? [token] : [];
        int[] tokens = [.. beginning, .. _tokenizer.Encode(prompt)];
        if (tokens.Length == 0)
            throw new ArgumentException("This tokenizer has no token to begin a text with; an empty prompt was given.", nameof(prompt));
        if (tokens.Length >= _model.LongestSequence)
        {
            throw new ArgumentException(
                $"The prompt has {tokens.Length} tokens; this model takes {_model.LongestSequence}, its own included.", nameof(prompt));
        }

        // Now rather than when the first piece is asked for.
        _model.ThrowIfNotTokens(tokens);
        return Decode(tokens, options, cancellationToken);
    }

    /// <summary>Continues a sequence of tokens, one by one, as they are asked for.</summary>
    /// <param name="prompt">The tokens to continue; at least one, fewer than the model takes.</param>
    /// <param name="options">How to choose tokens; null for greedy.</param>
    /// <param name="cancellationToken">Stops within a token, and within the prompt.</param>
    /// <returns>The tokens of the continuation, without the end token.</returns>
    /// <exception cref="ArgumentException">There is no token, too many, or one out of the vocabulary.</exception>
    /// <exception cref="InvalidOperationException">The largest logit is no finite number; thrown as tokens are asked for. On a GPU only where
    /// tokens are drawn (<see cref="SamplingOptions.Temperature"/> above 0).</exception>
    /// <exception cref="ObjectDisposedException">The model or its device is disposed of; thrown as tokens are asked for.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; thrown as tokens are asked for.</exception>
    public IEnumerable<int> GenerateTokens(int[] prompt, SamplingOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        if (prompt.Length == 0 || prompt.Length >= _model.LongestSequence)
        {
            throw new ArgumentException(
                $"A prompt has 1 to {_model.LongestSequence - 1} tokens, as the model takes {_model.LongestSequence}; {prompt.Length} were given.",
                nameof(prompt));
        }

        _model.ThrowIfNotTokens(prompt);
        return Continue(prompt, options ?? new(), cancellationToken);
    }

    private IEnumerable<int> Continue(int[] prompt, SamplingOptions options, CancellationToken cancellationToken)
    {
        var sampler = new TokenSampler(options);
        var logits = new float[_model.Config.VocabularySize];
        int capacity = (int)Math.Min((long)prompt.Length + options.MaxTokens, _model.LongestSequence);
        using KeyValueCache cache = _model.CreateCache(capacity);
        var last = new int[1];
        int[] next = prompt;
        for (int generated = 0; generated < options.MaxTokens; generated++)
        {
            clock?.Start();
            int token = 0;
            if (options.Temperature == 0)
                token = _model.ForwardLikeliest(next, cache, logits, cancellationToken);
            else
                _model.ForwardLast(next, cache, logits, cancellationToken);
            clock?.Stop(next.Length, isPrompt: generated == 0);
            if (options.Temperature > 0)
                token = sampler.Next(logits);
            if (IsEnd(token))
                yield break;
            yield return token;
            if (cache.Length == cache.Capacity)
                yield break;
            last[0] = token;
            next = last;
        }
    }

    private IEnumerable<string> Decode(int[] prompt, SamplingOptions? options, CancellationToken cancellationToken)
    {
        TokenDecoder decoder = _tokenizer.StartDecoding();
        foreach (int token in prompt)
            decoder.Append(token);
        decoder.Take();
        foreach (int token in GenerateTokens(prompt, options, cancellationToken))
        {
            decoder.Append(token);
            if (decoder.Take() is { Length: > 0 } piece)
                yield return piece;
        }

        if (decoder.Finish() is { Length: > 0 } rest)
            yield return rest;
    }

    private bool IsEnd(int token) => _model.Config.EndTokens.Contains(token) || token == _tokenizer.EndOfText;
}
