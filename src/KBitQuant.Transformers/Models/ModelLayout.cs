using System.Collections.Immutable;
using System.Globalization;

namespace KBitQuant.Transformers.Models;

/// <summary>Lists the tensors of a model: the one place that knows their names, shapes and roles.</summary>
internal static class ModelLayout
{
    /// <summary>Far beyond any model, so that a false number in a file cannot make the list of tensors endless.</summary>
    public const int MaxLayers = 4096;

    /// <summary>Likewise: tokens of a vocabulary, positions of a sequence.</summary>
    public const int MaxDimension = 1 << 24;

    /// <summary>Likewise: columns of a token's states and of its projections, of which an int counts those of a whole pass.</summary>
    public const int MaxWidth = 1 << 20;

    public static string WeightOf(string module) => $"{module}.weight";

    public static string BiasOf(string module) => $"{module}.bias";

    /// <summary>The name of a module in one layer.</summary>
    public static string InLayer(string module, int layer) =>
        module.Replace(WeightNames.LayerPlaceholder, layer.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);

    public static IEnumerable<ModelTensor> Enumerate(ModelConfig config)
    {
        WeightNames names = config.Family.Names;
        IEnumerable<ModelTensor> layers = Enumerable.Range(0, config.LayerCount).SelectMany(layer =>
            Layer(config).Select(tensor => tensor with { Name = InLayer(tensor.Name, layer) }));
        return
        [
            new(WeightOf(names.Embedding), TensorRole.Embedding, [config.VocabularySize, config.HiddenSize]),
            .. layers,
            .. Norm(config, names.FinalNorm),
            .. config.HasTiedEmbeddings ? [] : Head(config),
        ];
    }

    private static IEnumerable<ModelTensor> Layer(ModelConfig config)
    {
        WeightNames names = config.Family.Names;
        int queries = config.HeadCount * config.HeadSize;
        int keys = config.KeyValueHeadCount * config.HeadSize;
        int[] qkvRows = config.Family.QkvLayout == QkvLayout.FusedPerHead ? [queries + (2 * keys)] : [queries, keys, keys];
        string[] toWide = names.Gate is null ? [names.Up] : [names.Gate, names.Up];
        bool hasQkvBias = config.Biases.HasFlag(LinearBiases.Qkv);
        bool hasFeedForwardBias = config.Biases.HasFlag(LinearBiases.FeedForward);
        return
        [
            .. Norm(config, names.AttentionNorm),
            .. names.Qkv.Zip(qkvRows).SelectMany(qkv => Linear(qkv.First, qkv.Second, config.HiddenSize, hasQkvBias)),
            .. Linear(names.AttentionOutput, config.HiddenSize, queries, config.Biases.HasFlag(LinearBiases.AttentionOutput)),
            .. Norm(config, names.FeedForwardNorm),
            .. toWide.SelectMany(name => Linear(name, config.IntermediateSize, config.HiddenSize, hasFeedForwardBias)),
            .. Linear(names.Down, config.HiddenSize, config.IntermediateSize, hasFeedForwardBias),
        ];
    }

    private static IEnumerable<ModelTensor> Norm(ModelConfig config, string module)
    {
        ImmutableArray<long> shape = [config.HiddenSize];
        yield return new(WeightOf(module), TensorRole.Norm, shape);
        if (config.Family.Norm == NormKind.LayerNorm)
            yield return new(BiasOf(module), TensorRole.Norm, shape);
    }

    private static IEnumerable<ModelTensor> Linear(string module, int rows, int columns, bool hasBias)
    {
        yield return new(WeightOf(module), TensorRole.Linear, [rows, columns]);
        if (hasBias)
            yield return new(BiasOf(module), TensorRole.Bias, [rows]);
    }

    private static IEnumerable<ModelTensor> Head(ModelConfig config) =>
        [new(WeightOf(config.Family.Names.Head), TensorRole.Head, [config.VocabularySize, config.HiddenSize])];
}
