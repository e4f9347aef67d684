using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using KBitQuant.Compute.Cpu;
using KBitQuant.Compute.Gpu;
using KBitQuant.Compute.Gpu.Decoder.Attention;
using KBitQuant.Quantization;
using KBitQuant.Threading;
using KBitQuant.Transformers.Checkpoints;
using KBitQuant.Transformers.Models.Gpu;
using KBitQuant.Transformers.Models.Layers;

namespace KBitQuant.Transformers.Models;

/// <summary>
/// A decoder-only language model of any known family, with some weights quantized; weights that are not keep their 16-bit or float
/// values. On the processor activations are floats. On a GPU the whole model runs there: linear layers and attention take and give
/// halves and sum in float, the residual stream is in float. A model may run several sequences at once from several threads, each
/// with a cache of its own.
/// </summary>
public sealed class TransformerModel : IDisposable
{
    private readonly Decoder _decoder;
    private bool _isDisposed;

    private TransformerModel(ModelConfig config, WeightLoader loader, ModelOptions options)
    {
        Config = config;
        _decoder = options.Device is CpuDevice ? new CpuDecoder(config, loader, options) : CreateDecoder(config, loader, options);
        Workers = CpuDecoder.WorkersOf(options);
        Bits = loader.Bits;
        Schemes = loader.Schemes;
        RelativeError = loader.RelativeError;
    }

    /// <summary>The shape of the model.</summary>
    public ModelConfig Config { get; }

    /// <summary>Every bit of every parameter: quantized weights by their schemes, all others as 16 bits.</summary>
    public BitLedger Bits { get; }

    /// <summary>How weights are quantized, each way once; none where nothing is. A data type that is fitted to tensors is another one for
    /// each.</summary>
    public IReadOnlyList<QuantizationScheme> Schemes { get; }

    /// <summary>The distance of all quantized weights from their originals, relative to the norm of these:
    /// sqrt(sum ||w - w'||^2 / sum ||w||^2). 0 where nothing is quantized; null where weights were stored quantized, as their
    /// originals are not there.</summary>
    public double? RelativeError { get; }

    /// <summary>What the weights hold.</summary>
    public ModelMemory Memory => _decoder.Memory;

    /// <summary>The kernels that run quantized weights; none where nothing is quantized.</summary>
    public IReadOnlyList<string> KernelNames => _decoder.KernelNames;

    /// <summary>The layers, for benchmarks of their parts.</summary>
    internal Decoder Decoder => _decoder;

    /// <summary>The threads that do what is done on the processor.</summary>
    internal Workers Workers { get; }

    /// <summary>The most tokens of a sequence: what the model takes, as far as the keys of a layer fit an array (or a GPU's tensor, of whole
    /// units of positions).</summary>
    internal int LongestSequence => Math.Min(
        Config.MaxPositions, Array.MaxLength / (Config.KeyValueHeadCount * Config.HeadSize) / GpuKeyValues.Unit * GpuKeyValues.Unit);

    /// <summary>Loads a model from its files.</summary>
    /// <param name="path">A folder in the manner of Hugging Face (<c>config.json</c> and safetensors), a safetensors file with
    /// <c>config.json</c> beside it, or a <c>.bin</c> file of llama2.c.</param>
    /// <param name="options">What to quantize, and where and how to run it; null to leave the model as it is.</param>
    /// <param name="progress">Receives the part done, from 0 to 1.</param>
    /// <param name="cancellationToken">Stops between tensors.</param>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    /// <exception cref="CheckpointFormatException">A file is not valid, or a tensor is missing or of another shape; the message
    /// says which.</exception>
    /// <exception cref="NotSupportedException">The family, or something in the configuration, is not known, and the message lists what is;
    /// or a tensor has more elements than an array can have, or no kernel takes a weight.</exception>
    /// <exception cref="ArgumentException">The plan does not go with the model, or a weight to be quantized is not
    /// finite.</exception>
    /// <exception cref="ObjectDisposedException">The device is disposed of.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static TransformerModel Load(
        string path, ModelOptions? options = null, IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (string.Equals(Path.GetExtension(path), Llama2CFile.Extension, StringComparison.OrdinalIgnoreCase))
        {
            using Llama2CFile file = Llama2CFile.Open(path);
            return Load(file.Config, file, options, progress, cancellationToken);
        }

        using Checkpoint checkpoint = Checkpoint.Open(path);
        return Load(ModelConfig.Load(checkpoint.Folder), checkpoint, options, progress, cancellationToken);
    }

    /// <summary>Loads a model from open files, which may be used again, say to quantize them in another way; they are not needed
    /// once the model is loaded.</summary>
    /// <param name="config">The shape of the model.</param>
    /// <param name="weights">Its weights; not disposed of.</param>
    /// <param name="options">What to quantize, and where and how to run it; null to leave the model as it is.</param>
    /// <param name="progress">Receives the part done, from 0 to 1.</param>
    /// <param name="cancellationToken">Stops between tensors.</param>
    /// <exception cref="CheckpointFormatException">A tensor is missing, of another shape, or read as another number of values; the message
    /// says which.</exception>
    /// <exception cref="ArgumentException">The configuration is one that no model can have, the plan does not go with the model, or a weight
    /// to be quantized is not finite.</exception>
    /// <exception cref="NotSupportedException">A tensor has more elements than an array can have, or no kernel takes a weight.</exception>
    /// <exception cref="ObjectDisposedException">The device, or the source of the weights, is disposed of.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static TransformerModel Load(
        ModelConfig config,
        IWeightSource weights,
        ModelOptions? options = null,
        IProgress<double>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(weights);
        ModelConfigCheck.ThrowIfImpossible(config);
        options ??= new();
        options.Plan.ThrowIfNotFor(config);
        return new(config, new WeightLoader(config, weights, options, progress, cancellationToken), options);
    }

    /// <summary>Makes an empty cache for one sequence.</summary>
    /// <param name="capacity">The most tokens it will hold; 1 to <see cref="ModelConfig.MaxPositions"/>, or to as many as there can be: a layer's
    /// keys, all heads together, are at most <see cref="Array.MaxLength"/> values.</param>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is out of range.</exception>
    /// <exception cref="ObjectDisposedException">The model is disposed of.</exception>
    public KeyValueCache CreateCache(int capacity)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (capacity < 1 || capacity > LongestSequence)
        {
            throw new ArgumentOutOfRangeException(
                nameof(capacity), capacity, $"This model takes sequences of 1 to {LongestSequence} tokens; a cache for {capacity} was asked for.");
        }

        KeyValueCache cache = _decoder.CreateCache(capacity);
        cache.Model = this;
        return cache;
    }

    /// <summary>Passes the next tokens of a sequence through the model.</summary>
    /// <param name="tokens">The tokens that follow those in the cache; at least one.</param>
    /// <param name="cache">The sequence so far; the tokens are appended.</param>
    /// <param name="logits">Receives the logits of the token that follows each given one, [tokens, vocabulary].</param>
    /// <param name="cancellationToken">Stops between layers; the cache is then as it was before.</param>
    /// <exception cref="ArgumentException">There is no token or one out of the vocabulary, the cache is of another model or too
    /// full, or the span of logits has another length.</exception>
    /// <exception cref="ObjectDisposedException">The model, its device or the cache is disposed of.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public void Forward(ReadOnlySpan<int> tokens, KeyValueCache cache, Span<float> logits, CancellationToken cancellationToken = default)
    {
        ThrowIfRefused(tokens, cache, logits.Length, tokens.Length);
        Pass(tokens, cache, logits, cancellationToken);
    }

    /// <summary>As <see cref="Forward"/>, but computes the logits of the token that follows the last one only.</summary>
    /// <param name="tokens">The tokens that follow those in the cache; at least one.</param>
    /// <param name="cache">The sequence so far; the tokens are appended.</param>
    /// <param name="logits">Receives the logits, one for each token of the vocabulary.</param>
    /// <param name="cancellationToken">Stops between layers; the cache is then as it was before.</param>
    /// <inheritdoc cref="Forward" path="/exception"/>
    public void ForwardLast(ReadOnlySpan<int> tokens, KeyValueCache cache, Span<float> logits, CancellationToken cancellationToken = default)
    {
        ThrowIfRefused(tokens, cache, logits.Length, 1);
        Pass(tokens, cache, logits, cancellationToken);
    }

    /// <summary>As <see cref="ForwardLast"/>, but tells only the token with the largest logit.</summary>
    /// <param name="tokens">As there.</param>
    /// <param name="cache">As there.</param>
    /// <param name="logits">Room for one logit for each token of the vocabulary; what is in it afterwards is not defined.</param>
    /// <param name="cancellationToken">As there.</param>
    internal int ForwardLikeliest(ReadOnlySpan<int> tokens, KeyValueCache cache, Span<float> logits, CancellationToken cancellationToken = default)
    {
        ThrowIfRefused(tokens, cache, logits.Length, 1);
        int length = cache.Length;
        int last = ((tokens.Length - 1) % _decoder.MaxTokens) + 1;
        Pass(tokens[..^last], cache, [], cancellationToken);
        try
        {
            return _decoder.ForwardLikeliest(tokens[^last..], cache, logits, cancellationToken);
        }
        catch
        {
            cache.Length = length;
            throw;
        }
    }

    /// <summary>Gives back what the weights hold, on the processor and on their device.</summary>
    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        _decoder.Dispose();
    }

    /// <summary>Refuses tokens out of the vocabulary.</summary>
    internal void ThrowIfNotTokens(ReadOnlySpan<int> tokens)
    {
        int bad = tokens.IndexOfAnyExceptInRange(0, Config.VocabularySize - 1);
        if (bad >= 0)
            throw new ArgumentException($"Tokens are from 0 to {Config.VocabularySize - 1}; number {bad} is {tokens[bad]} (is the tokenizer another model's?).", nameof(tokens));
    }

    /// <summary>The decoder for a device other than the processor: the GPU's for a GPU. Apart from its caller, so that who uses the
    /// processor alone loads nothing of the GPU.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Whoever has a GpuDevice was warned where it was opened.")]
    private static Decoder CreateDecoder(ModelConfig config, WeightLoader loader, ModelOptions options) => options.Device is GpuDevice gpu
        ? new GpuDecoder(config, loader, gpu, options.Preference)
        : new CpuDecoder(config, loader, options);

    /// <summary>Passes tokens, as many at a time as the decoder takes. If that fails, the cache is as it was before.</summary>
    /// <param name="tokens">The tokens.</param>
    /// <param name="cache">The sequence so far.</param>
    /// <param name="logits">Rows for the logits that follow the last tokens: all of them, one or none.</param>
    /// <param name="cancellationToken">Stops between layers.</param>
    private void Pass(ReadOnlySpan<int> tokens, KeyValueCache cache, Span<float> logits, CancellationToken cancellationToken)
    {
        int length = cache.Length;
        try
        {
            while (!tokens.IsEmpty)
            {
                int count = Math.Min(tokens.Length, _decoder.MaxTokens);
                int rows = Math.Max((logits.Length / Config.VocabularySize) - (tokens.Length - count), 0);
                _decoder.Forward(tokens[..count], cache, logits[..(rows * Config.VocabularySize)], cancellationToken);
                tokens = tokens[count..];
                logits = logits[(rows * Config.VocabularySize)..];
            }
        }
        catch
        {
            cache.Length = length;
            throw;
        }
    }

    private void ThrowIfRefused(ReadOnlySpan<int> tokens, KeyValueCache cache, int logits, int logitRows)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        ArgumentNullException.ThrowIfNull(cache);
        ObjectDisposedException.ThrowIf(cache.IsDisposed, cache);
        if (tokens.IsEmpty)
            throw new ArgumentException("At least one token is needed; none was given.", nameof(tokens));
        ThrowIfNotTokens(tokens);
        if (!ReferenceEquals(cache.Model, this))
            throw new ArgumentException("The cache was made by another model.", nameof(cache));
        if (tokens.Length > cache.Capacity - cache.Length)
        {
            throw new ArgumentException($"The cache holds {cache.Length} of at most {cache.Capacity} tokens; "
                + $"{tokens.Length} more were given (the model takes {Config.MaxPositions}).", nameof(tokens));
        }

        long expected = (long)logitRows * Config.VocabularySize;
        if (logits != expected)
        {
            throw new ArgumentException(
                $"logits has {expected} elements ({logitRows} rows of {Config.VocabularySize}); {logits} were given.", nameof(logits));
        }
    }
}
