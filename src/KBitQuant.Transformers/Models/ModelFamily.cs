using KBitQuant.Transformers.Models.Families;

namespace KBitQuant.Transformers.Models;

/// <summary>
/// A family of models, described as data: what its members share and what their <c>config.json</c> may leave out. One decoder
/// runs them all. To add a family, write its file in <c>Families/</c> and add its line to <see cref="All"/>.
/// </summary>
public sealed record ModelFamily
{
    /// <summary>Every known family.</summary>
    public static IReadOnlyList<ModelFamily> All { get; } = [GptNeoX.Family, Llama.Family, Mistral.Family, Qwen2.Family];

    /// <summary>The <c>model_type</c> of its configurations.</summary>
    public required string ModelType { get; init; }

    /// <summary>How it normalizes.</summary>
    public required NormKind Norm { get; init; }

    /// <summary>The constant added to a variance or mean square, unless the configuration has another.</summary>
    public required float NormEpsilon { get; init; }

    /// <summary>Whether attention and feed-forward network read the same hidden state and are added together, unless the
    /// configuration (<c>use_parallel_residual</c>) says otherwise.</summary>
    public required bool IsParallel { get; init; }

    /// <summary>The part of each head that is rotated, unless the configuration has another; in (0, 1].</summary>
    public required float RotaryFraction { get; init; }

    /// <summary>Which linear layers have a bias, unless the configuration (<c>attention_bias</c>, <c>mlp_bias</c>) says
    /// otherwise.</summary>
    public required LinearBiases Biases { get; init; }

    /// <summary>Whether <c>attention_bias</c> and <c>mlp_bias</c> mean something in its configurations.</summary>
    internal bool HasBiasKeys { get; init; } = true;

    /// <summary>Whether attention is limited to <c>sliding_window</c> wherever there is one, without another key that says so.</summary>
    internal bool IsAlwaysLimited { get; init; }

    /// <summary>How the projections to queries, keys and values are stored.</summary>
    public required QkvLayout QkvLayout { get; init; }

    /// <summary>The names of its weights.</summary>
    public required WeightNames Names { get; init; }

    /// <summary>The family of a <c>model_type</c>.</summary>
    /// <param name="modelType">The name in <c>config.json</c>.</param>
    /// <exception cref="NotSupportedException">The family is not known; the message lists those that are.</exception>
    public static ModelFamily Get(string modelType)
    {
        ArgumentNullException.ThrowIfNull(modelType);
        return All.FirstOrDefault(family => family.ModelType == modelType) ?? throw new NotSupportedException(
            $"Models of model_type '{modelType}' cannot be run; {string.Join(", ", All.Select(family => family.ModelType))} can.");
    }

    /// <summary>The <c>model_type</c>.</summary>
    public override string ToString() => ModelType;
}
