using KBitQuant.Quantization;
using KBitQuant.Threading;
using KBitQuant.Transformers.Checkpoints;
using KBitQuant.Transformers.Models.Layers;

namespace KBitQuant.Transformers.Models;

/// <summary>
/// A decoder-only language model of any known family, with some weights quantized. Arithmetic is in float; weights that are not
/// quantized keep their 16-bit or float values and run on the processor. A model may run several sequences at once from several
/// threads, each with a cache of its own.
/// </summary>
public sealed class TransformerModel : IDisposable
{
    private readonly DenseLinear _embedding;
    private readonly DecoderLayer[] _layers;
    private readonly Norm _finalNorm;
    private readonly Linear _head;
    private readonly IReadOnlyList<Linear> _linears;
    private bool _isDisposed;

    private TransformerModel(ModelConfig config, WeightLoader loader)
    {
        WeightNames names = config.Family.Names;
        Config = config;
        _embedding = loader.LoadEmbedding(names.Embedding);
        _layers = [.. Enumerable.Range(0, config.LayerCount).Select(layer => LoadLayer(loader, layer))];
        _finalNorm = loader.LoadNorm(names.FinalNorm);
        _head = config.HasTiedEmbeddings ? _embedding : loader.LoadLinear(names.Head);
        _linears = loader.Linears;
        Workers = loader.Workers;
        Memory = new(
            _linears.Where(linear => linear.KernelName is not null).Sum(linear => linear.ByteLength),
            _linears.Where(linear => linear.KernelName is null).Sum(linear => linear.ByteLength) + loader.VectorBytes);
        KernelNames = [.. _linears.Select(linear => linear.KernelName).OfType<string>().Distinct().Order()];
        Bits = loader.Bits;
        RelativeError = loader.RelativeError;
    }

    /// <summary>The shape of the model.</summary>
    public ModelConfig Config { get; }

    /// <summary>Every bit of every parameter: quantized weights by their schemes, all others as 16 bits.</summary>
    public BitLedger Bits { get; }

    /// <summary>The distance of all quantized weights from their originals, relative to the norm of these:
    /// sqrt(sum ||w - w'||^2 / sum ||w||^2). 0 where nothing is quantized; null where weights were stored quantized, as their
    /// originals are not there.</summary>
    public double? RelativeError { get; }

    /// <summary>What the weights hold.</summary>
    public ModelMemory Memory { get; }

    /// <summary>The kernels that run quantized weights; none where nothing is quantized.</summary>
    public IReadOnlyList<string> KernelNames { get; }

    /// <summary>The threads that do what is not done on the device.</summary>
    internal Workers Workers { get; }

    /// <summary>Loads a model from its files.</summary>
    /// <param name="path">A folder in the manner of Hugging Face (<c>config.json</c> and safetensors), a safetensors file with
    /// <c>config.json</c> beside it, or a <c>.bin</c> file of llama2.c.</param>
    /// <param name="options">What to quantize, and where and how to run it; null to leave the model as it is.</param>
    /// <param name="progress">Receives the part done, from 0 to 1.</param>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    /// <exception cref="CheckpointFormatException">A file is not valid, or a tensor is missing or of another shape; the message
    /// says which.</exception>
    /// <exception cref="NotSupportedException">The family, or something in the configuration, is not known; the message lists
    /// what is.</exception>
    /// <exception cref="ArgumentException">The plan does not go with the model, or a weight to be quantized is not
    /// finite.</exception>
    public static TransformerModel Load(string path, ModelOptions? options = null, IProgress<double>? progress = null)
    {
        if (string.Equals(Path.GetExtension(path), Llama2CFile.Extension, StringComparison.OrdinalIgnoreCase))
        {
            using Llama2CFile file = Llama2CFile.Open(path);
            return Load(file.Config, file, options, progress);
        }

        using Checkpoint checkpoint = Checkpoint.Open(path);
        return Load(ModelConfig.LoadBeside(path), checkpoint, options, progress);
    }

    /// <summary>Loads a model from open files, which may be used again, say to quantize them in another way; they are not needed
    /// once the model is loaded.</summary>
    /// <param name="config">The shape of the model.</param>
    /// <param name="weights">Its weights; not disposed of.</param>
    /// <param name="options">What to quantize, and where and how to run it; null to leave the model as it is.</param>
    /// <param name="progress">Receives the part done, from 0 to 1.</param>
    /// <inheritdoc cref="Load(string, ModelOptions?, IProgress{double}?)" path="/exception"/>
    public static TransformerModel Load(
        ModelConfig config, IWeightSource weights, ModelOptions? options = null, IProgress<double>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(weights);
        options ??= new();
        options.Plan.ThrowIfNotFor(config);
        var loader = new WeightLoader(config, weights, options, progress);
        try
        {
            return new(config, loader);
        }
        catch
        {
            Dispose(loader.Linears);
            throw;
        }
    }

    /// <summary>Makes an empty cache for one sequence.</summary>
    /// <param name="capacity">The most tokens it will hold; 1 to <see cref="ModelConfig.MaxPositions"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is out of range.</exception>
    public KeyValueCache CreateCache(int capacity) => capacity >= 1 && capacity <= Config.MaxPositions
        ? new(Config, capacity)
        : throw new ArgumentOutOfRangeException(
            nameof(capacity), capacity, $"This model takes sequences of 1 to {Config.MaxPositions} tokens; a cache for {capacity} was asked for.");

    /// <summary>Passes the next tokens of a sequence through the model.</summary>
    /// <param name="tokens">The tokens that follow those in the cache; at least one.</param>
    /// <param name="cache">The sequence so far; the tokens are appended.</param>
    /// <param name="logits">Receives the logits of the token that follows each given one, [tokens, vocabulary].</param>
    /// <exception cref="ArgumentException">There is no token or one out of the vocabulary, the cache is of another model or too
    /// full, or the span of logits has another length.</exception>
    /// <exception cref="ObjectDisposedException">The model is disposed of.</exception>
    public void Forward(ReadOnlySpan<int> tokens, KeyValueCache cache, Span<float> logits)
    {
        ThrowIfRefused(tokens, cache, logits.Length, tokens.Length);
        while (!tokens.IsEmpty)
        {
            int count = Math.Min(tokens.Length, Workspace.MaxTokens);
            Advance(tokens[..count], cache);
            ComputeLogits(cache, 0, count, logits);
            tokens = tokens[count..];
            logits = logits[(count * Config.VocabularySize)..];
        }
    }

    /// <summary>As <see cref="Forward"/>, but computes the logits of the token that follows the last one only.</summary>
    /// <param name="tokens">The tokens that follow those in the cache; at least one.</param>
    /// <param name="cache">The sequence so far; the tokens are appended.</param>
    /// <param name="logits">Receives the logits, one for each token of the vocabulary.</param>
    /// <inheritdoc cref="Forward" path="/exception"/>
    public void ForwardLast(ReadOnlySpan<int> tokens, KeyValueCache cache, Span<float> logits)
    {
        ThrowIfRefused(tokens, cache, logits.Length, 1);
        for (; tokens.Length > Workspace.MaxTokens; tokens = tokens[Workspace.MaxTokens..])
            Advance(tokens[..Workspace.MaxTokens], cache);
        Advance(tokens, cache);
        ComputeLogits(cache, tokens.Length - 1, 1, logits);
    }

    /// <summary>Gives back what the weights hold, on the processor and on their device.</summary>
    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        Dispose(_linears);
    }

    /// <summary>Refuses tokens out of the vocabulary.</summary>
    internal void ThrowIfNotTokens(ReadOnlySpan<int> tokens)
    {
        int bad = tokens.IndexOfAnyExceptInRange(0, Config.VocabularySize - 1);
        if (bad >= 0)
            throw new ArgumentException($"Tokens are from 0 to {Config.VocabularySize - 1}; number {bad} is {tokens[bad]}.", nameof(tokens));
    }

    private DecoderLayer LoadLayer(WeightLoader loader, int layer)
    {
        WeightNames names = Config.Family.Names;
        Linear Load(string name) => loader.LoadLinear(ModelLayout.InLayer(name, layer));
        return new(
            loader.LoadNorm(ModelLayout.InLayer(names.AttentionNorm, layer)),
            new Attention(Config, loader.Workers, layer, [.. names.Qkv.Select(Load)], Load(names.AttentionOutput)),
            loader.LoadNorm(ModelLayout.InLayer(names.FeedForwardNorm, layer)),
            new FeedForward(Config.Activation, names.Gate is null ? null : Load(names.Gate), Load(names.Up), Load(names.Down)),
            Config.IsParallel);
    }

    private static void Dispose(IEnumerable<Linear> linears)
    {
        foreach (Linear linear in linears)
            linear.Dispose();
    }

    /// <summary>Computes the hidden states of the tokens, and adds the tokens to the cache.</summary>
    private void Advance(ReadOnlySpan<int> tokens, KeyValueCache cache)
    {
        Workspace workspace = cache.Workspace;
        workspace.Reserve(tokens.Length);
        workspace.Rotary.Fill(cache.Length, tokens.Length);
        for (int i = 0; i < tokens.Length; i++)
            _embedding.ReadRow(tokens[i], workspace.Hidden.AsSpan(i * Config.HiddenSize, Config.HiddenSize));
        foreach (DecoderLayer layer in _layers)
            layer.Apply(cache, tokens.Length);
        cache.Length += tokens.Length;
    }

    private void ComputeLogits(KeyValueCache cache, int firstToken, int count, Span<float> logits)
    {
        Workspace workspace = cache.Workspace;
        Span<float> normed = workspace.Normed.AsSpan(0, count * Config.HiddenSize);
        _finalNorm.Apply(workspace.Hidden.AsSpan(firstToken * Config.HiddenSize, normed.Length), normed);
        _head.Apply(normed, count, logits[..(count * Config.VocabularySize)]);
    }

    private void ThrowIfRefused(ReadOnlySpan<int> tokens, KeyValueCache cache, int logits, int logitRows)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        ArgumentNullException.ThrowIfNull(cache);
        if (tokens.IsEmpty)
            throw new ArgumentException("At least one token is needed; none was given.", nameof(tokens));
        ThrowIfNotTokens(tokens);
        if (!ReferenceEquals(cache.Config, Config))
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
