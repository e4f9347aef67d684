using KBitQuant.Compute.Cpu;
using KBitQuant.Threading;

namespace KBitQuant.Transformers.Models.Layers;

/// <summary>The layers on the processor, in float; quantized weights run on their device.</summary>
internal sealed class CpuDecoder : Decoder
{
    /// <summary>The <see cref="MaxTokens"/> of all.</summary>
    public const int TokensAtOnce = 512;

    private readonly ModelConfig _config;
    private readonly ModelOptions _options;
    private readonly Workers _workers;
    private readonly DenseLinear _embedding;
    private readonly DecoderLayer[] _layers;
    private readonly Norm _finalNorm;
    private readonly Linear _head;
    private readonly List<Linear> _linears = [];

    public CpuDecoder(ModelConfig config, WeightLoader loader, ModelOptions options)
    {
        (_config, _options) = (config, options);
        _workers = WorkersOf(options);
        WeightNames names = config.Family.Names;
        try
        {
            _embedding = Add(Dense(loader.LoadEmbedding(names.Embedding)));
            _layers = [.. Enumerable.Range(0, config.LayerCount).Select(layer => LoadLayer(loader, layer))];
            _finalNorm = CreateNorm(loader.LoadNorm(names.FinalNorm));
            _head = config.HasTiedEmbeddings ? _embedding : LoadLinear(loader, names.Head);
        }
        catch
        {
            Dispose();
            throw;
        }

        (KernelNames, Memory) = LoadedLinear.Describe(_linears, loader.VectorBytes);
    }

    public override int MaxTokens => TokensAtOnce;

    public override ModelMemory Memory { get; }

    public override IReadOnlyList<string> KernelNames { get; }

    /// <summary>The threads that do what is done on the processor.</summary>
    public static Workers WorkersOf(ModelOptions options) => (options.Device as CpuDevice ?? CpuDevice.Default).Workers;

    public override KeyValueCache CreateCache(int capacity) => new CpuKeyValueCache(_config, capacity);

    public override void Forward(ReadOnlySpan<int> tokens, KeyValueCache cache, Span<float> logits, CancellationToken cancellationToken)
    {
        var sequence = (CpuKeyValueCache)cache;
        Advance(tokens, sequence, cancellationToken);
        int rows = logits.Length / _config.VocabularySize;
        if (rows == 0)
            return;
        Workspace workspace = sequence.Workspace;
        Span<float> normed = workspace.Normed.AsSpan(0, rows * _config.HiddenSize);
        _finalNorm.Apply(workspace.Hidden.AsSpan((tokens.Length - rows) * _config.HiddenSize, normed.Length), normed);
        _head.Apply(normed, rows, logits);
    }

    public override void Dispose()
    {
        foreach (Linear linear in _linears)
            linear.Dispose();
    }

    /// <summary>Computes the hidden states of the tokens, and adds the tokens to the cache.</summary>
    private void Advance(ReadOnlySpan<int> tokens, CpuKeyValueCache cache, CancellationToken cancellationToken)
    {
        Workspace workspace = cache.Workspace;
        workspace.Reserve(tokens.Length);
        workspace.Rotary.Fill(cache.Length, tokens.Length);
        for (int i = 0; i < tokens.Length; i++)
            _embedding.ReadRow(tokens[i], workspace.Hidden.AsSpan(i * _config.HiddenSize, _config.HiddenSize));
        foreach (DecoderLayer layer in _layers)
        {
            cancellationToken.ThrowIfCancellationRequested();
            layer.Apply(cache, tokens.Length);
        }

        cache.Length += tokens.Length;
    }

    private DecoderLayer LoadLayer(WeightLoader loader, int layer)
    {
        WeightNames names = _config.Family.Names;
        Linear Load(string name) => LoadLinear(loader, ModelLayout.InLayer(name, layer));
        return new(
            CreateNorm(loader.LoadNorm(ModelLayout.InLayer(names.AttentionNorm, layer))),
            new Attention(_config, _workers, layer, [.. names.Qkv.Select(Load)], Load(names.AttentionOutput)),
            CreateNorm(loader.LoadNorm(ModelLayout.InLayer(names.FeedForwardNorm, layer))),
            new FeedForward(_config.Activation, names.Gate is null ? null : Load(names.Gate), Load(names.Up), Load(names.Down)),
            _config.IsParallel);
    }

    private static Norm CreateNorm(NormWeight weight) => new(weight.Kind, weight.Weight, weight.Bias, weight.Epsilon);

    private Linear LoadLinear(WeightLoader loader, string module)
    {
        LinearWeight weight = loader.LoadLinear(module);
        return weight.Quantized is { } quantized
            ? Add(new QuantizedLinear(_options.Device.Prepare(quantized, _options.Preference), weight.Bias))
            : Add(Dense(weight));
    }

    private DenseLinear Dense(LinearWeight weight) => DenseLinear.Create(_workers, weight.Values, weight.Rows, weight.Columns, weight.Bias);

    private TLinear Add<TLinear>(TLinear linear)
        where TLinear : Linear
    {
        _linears.Add(linear);
        return linear;
    }
}
