using System.Collections.Immutable;
using KBitQuant.Quantization;

namespace KBitQuant.Transformers.Models;

/// <summary>
/// Which weights of a model are quantized, and how: the first rule whose pattern matches a weight's name decides; a weight
/// that none matches is left as it is.
/// </summary>
/// <remarks>
/// Rules are about the weights of linear layers and, where the plan includes it, the output head. Embeddings, norms and biases
/// are never quantized: patterns with <c>*</c> pass over them, a rule that names one outright is refused when a model is loaded.
/// A head that is tied to the embeddings is an embedding.
/// </remarks>
public sealed class QuantizationPlan
{
    /// <summary>Makes a plan.</summary>
    /// <param name="rules">The rules, in the order in which they are tried.</param>
    /// <param name="includeHead">Whether the rules are about the output head too.</param>
    /// <exception cref="ArgumentException">A rule is null.</exception>
    public QuantizationPlan(IEnumerable<QuantizationRule> rules, bool includeHead = false)
    {
        ArgumentNullException.ThrowIfNull(rules);
        Rules = [.. rules];
        if (Rules.Contains(null!))
            throw new ArgumentException("A rule is null.", nameof(rules));
        IncludesHead = includeHead;
    }

    /// <summary>The plan that quantizes nothing.</summary>
    public static QuantizationPlan None { get; } = new([]);

    /// <summary>The rules, in the order in which they are tried.</summary>
    public ImmutableArray<QuantizationRule> Rules { get; }

    /// <summary>Whether the rules are about the output head too.</summary>
    public bool IncludesHead { get; }

    /// <summary>The plan that quantizes every linear layer alike.</summary>
    /// <param name="scheme">How.</param>
    /// <param name="includeHead">Whether the output head is quantized too.</param>
    public static QuantizationPlan Linear(QuantizationScheme scheme, bool includeHead = false)
    {
        ArgumentNullException.ThrowIfNull(scheme);
        return new([new("*", scheme)], includeHead);
    }

    /// <summary>How a tensor is quantized.</summary>
    /// <param name="tensor">A tensor of the model (<see cref="ModelConfig.Tensors"/>).</param>
    /// <returns>The scheme, or null where the tensor is left as it is.</returns>
    public QuantizationScheme? SchemeFor(ModelTensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return IsAbout(tensor) ? Rules.FirstOrDefault(rule => rule.Matches(tensor.Name))?.Scheme : null;
    }

    /// <summary>Refuses rules that name something outright which this plan cannot quantize in this model.</summary>
    /// <param name="config">The model.</param>
    /// <exception cref="ArgumentException">There is such a rule; the message names it.</exception>
    public void ThrowIfNotFor(ModelConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        HashSet<string> known = [.. config.Tensors.Where(IsAbout).Select(tensor => tensor.Name)];
        QuantizationRule? stray = Rules.FirstOrDefault(
            rule => rule is { IsLiteral: true, Scheme: not null } && !known.Contains(rule.Pattern));
        if (stray is null)
            return;
        string head = IncludesHead ? " and of the output head" : " (and of the output head if told to include it)";
        throw new ArgumentException($"The plan names '{stray.Pattern}'; in a {config.Family} model of {config.LayerCount} layers "
            + $"it can quantize the weights of linear layers{head}, such as '{known.First()}'.");
    }

    private bool IsAbout(ModelTensor tensor) =>
        tensor.Role == TensorRole.Linear || (IncludesHead && tensor.Role == TensorRole.Head);
}
