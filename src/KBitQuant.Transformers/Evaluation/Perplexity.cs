using System.Collections.Concurrent;
using System.Numerics.Tensors;
using System.Text;
using KBitQuant.Threading;
using KBitQuant.Transformers.Models;
using KBitQuant.Transformers.Tokenization;

namespace KBitQuant.Transformers.Evaluation;

/// <summary>
/// Perplexity of a text: the tokens are cut into consecutive windows, each window is run alone, its first token predicts
/// nothing; exp of the mean negative log-likelihood of all others.
/// </summary>
public static class Perplexity
{
    /// <summary>The window that figures are compared at.</summary>
    public const int DefaultWindow = 512;

    /// <summary>The tokens of a text that figures are compared at.</summary>
    public const int DefaultTokens = 131072;

    /// <summary>Logits held at a time for each window: 8 MiB.</summary>
    private const int LogitsPerPass = 1 << 21;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads the tokens of a text file: the token that begins texts, where there is one, then the text's, a byte order
    /// mark included.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="textFile">The file, in UTF-8.</param>
    /// <param name="maxTokens">The most tokens to read; at least 0.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is not in UTF-8.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    /// <exception cref="PlatformNotSupportedException">The text may need a normalization that .NET cannot do; see
    /// <see cref="TextTokenizer.Encode(string)"/>.</exception>
    public static int[] ReadTokens(TextTokenizer tokenizer, string textFile, int maxTokens = DefaultTokens)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(textFile);
        ArgumentOutOfRangeException.ThrowIfNegative(maxTokens);
        string text = Decode(File.ReadAllBytes(textFile), textFile);
        int[] beginning = tokenizer.BeginningOfText is { } token ? [token] : [];
        int[] tokens = [.. beginning, .. tokenizer.Encode(text, maxTokens)];
        return tokens.Length <= maxTokens ? tokens : tokens[..maxTokens];
    }

    /// <summary>Evaluates a model, a window on each of its threads at a time. The result does not depend on how many.</summary>
    /// <param name="model">The model.</param>
    /// <param name="tokens">The tokens; at least 2.</param>
    /// <param name="window">Tokens of a window; 2 to <see cref="ModelConfig.MaxPositions"/>. The last one may be shorter.</param>
    /// <param name="progress">Receives the part done, from 0 to 1.</param>
    /// <param name="cancellationToken">Stops within windows.</param>
    /// <exception cref="ArgumentException">There are fewer than 2 tokens, or one is out of the vocabulary.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The window is out of range.</exception>
    /// <exception cref="ObjectDisposedException">The model or its device is disposed of.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static PerplexityResult Evaluate(
        TransformerModel model,
        ReadOnlyMemory<int> tokens,
        int window = DefaultWindow,
        IProgress<double>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        int largest = model.LongestSequence;
        if (window < 2 || window > largest)
        {
            throw new ArgumentOutOfRangeException(
                nameof(window), window, $"For this model a window has 2 to {largest} tokens; {window} was given.");
        }

        if (tokens.Length < 2)
            throw new ArgumentException($"A text has at least 2 tokens, so that one is predicted; this one has {tokens.Length}.", nameof(tokens));
        model.ThrowIfNotTokens(tokens.Span);
        var job = new WindowsJob(model, tokens, window, progress, cancellationToken);
        double sum = job.Run();
        long scored = tokens.Length - job.WindowCount;
        return new(sum / scored, scored);
    }

    private static string Decode(byte[] bytes, string textFile)
    {
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException exception)
        {
            throw new InvalidDataException($"{textFile} is not text in UTF-8: byte {exception.Index} cannot be read.", exception);
        }
    }

    /// <summary>A part is a window; each thread has a scorer at a time.</summary>
    private sealed class WindowsJob(
        TransformerModel model, ReadOnlyMemory<int> tokens, int window, IProgress<double>? progress, CancellationToken cancellationToken) : ParallelJob
    {
        private readonly ConcurrentBag<WindowScorer> _scorers = [];
        private readonly double[] _sums = new double[(tokens.Length + window - 1) / window];
        private volatile bool _hasFailed;
        private int _done;

        public int WindowCount => _sums.Length;

        /// <summary>The sum over all windows.</summary>
        public double Run()
        {
            try
            {
                model.Workers.Run(this, WindowCount);
                return _sums.Sum();
            }
            finally
            {
                foreach (WindowScorer scorer in _scorers)
                    scorer.Dispose();
            }
        }

        public override void RunPart(int part)
        {
            if (_hasFailed)
                return;
            WindowScorer? scorer = null;
            try
            {
                scorer = _scorers.TryTake(out WindowScorer? idle) ? idle : new(model, window);
                int start = part * window;
                _sums[part] = scorer.Score(tokens.Span.Slice(start, Math.Min(window, tokens.Length - start)), cancellationToken);
                progress?.Report((double)Interlocked.Increment(ref _done) / WindowCount);
            }
            catch
            {
                // The windows that are left are not worth their time.
                _hasFailed = true;
                throw;
            }
            finally
            {
                if (scorer is not null)
                    _scorers.Add(scorer);
            }
        }
    }

    /// <summary>Scores windows one after the other, with buffers of its own.</summary>
    private sealed class WindowScorer(TransformerModel model, int window) : IDisposable
    {
        private readonly int _vocabulary = model.Config.VocabularySize;
        private readonly int _tokensPerPass = Math.Clamp(LogitsPerPass / model.Config.VocabularySize, 1, window);
        private readonly KeyValueCache _cache = model.CreateCache(window);
        private float[] _logits = [];

        /// <summary>The sum of the negative log-likelihoods of all tokens but the first.</summary>
        public double Score(ReadOnlySpan<int> tokens, CancellationToken cancellationToken)
        {
            if (_logits.Length == 0)
                _logits = new float[_tokensPerPass * _vocabulary];
            _cache.Clear();
            double sum = 0;
            for (int start = 0; start < tokens.Length - 1; start += _tokensPerPass)
            {
                int count = Math.Min(_tokensPerPass, tokens.Length - 1 - start);
                model.Forward(tokens.Slice(start, count), _cache, _logits.AsSpan(0, count * _vocabulary), cancellationToken);
                for (int i = 0; i < count; i++)
                    sum += NegativeLogLikelihood(_logits.AsSpan(i * _vocabulary, _vocabulary), tokens[start + i + 1]);
            }

            return sum;
        }

        public void Dispose() => _cache.Dispose();

        /// <summary>ln(sum of exp(logits)) - logit of the token; overwrites the logits.</summary>
        private static double NegativeLogLikelihood(Span<float> logits, int token)
        {
            float largest = TensorPrimitives.Max<float>(logits);
            TensorPrimitives.Subtract(logits, largest, logits);
            double logit = logits[token];
            TensorPrimitives.Exp<float>(logits, logits);
            return Math.Log(TensorPrimitives.Sum<float>(logits)) - logit;
        }
    }
}
