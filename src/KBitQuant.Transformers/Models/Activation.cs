using KBitQuant.Compute.Gpu.Decoder.Activations;
using KBitQuant.Transformers.Models.Layers;

namespace KBitQuant.Transformers.Models;

/// <summary>A nonlinearity of feed-forward networks. To add one, write its formula in <c>Layers/VectorFunctions.cs</c> and add it
/// to <see cref="All"/> under the names that configurations use.</summary>
public sealed class Activation
{
    private readonly Transformation _transform;

    private Activation(string name, Transformation transform, ActivationKind kind) => (Name, _transform, Kind) = (name, transform, kind);

    private delegate void Transformation(Span<float> values);

    /// <summary>Every known nonlinearity; some have several names.</summary>
    public static IReadOnlyList<Activation> All { get; } =
    [
        new("gelu", VectorFunctions.Transform<VectorFunctions.Gelu>, ActivationKind.Gelu),
        new("gelu_new", VectorFunctions.Transform<VectorFunctions.GeluByTanh>, ActivationKind.GeluByTanh),
        new("gelu_fast", VectorFunctions.Transform<VectorFunctions.GeluByTanh>, ActivationKind.GeluByTanh),
        new("gelu_pytorch_tanh", VectorFunctions.Transform<VectorFunctions.GeluByTanh>, ActivationKind.GeluByTanh),
        new("silu", VectorFunctions.Transform<VectorFunctions.Silu>, ActivationKind.Silu),
    ];

    /// <summary>The name in <c>config.json</c>.</summary>
    public string Name { get; }

    /// <summary>The same on a GPU.</summary>
    internal ActivationKind Kind { get; }

    /// <summary>The nonlinearity of this name.</summary>
    /// <param name="name">The name in <c>config.json</c>.</param>
    /// <exception cref="NotSupportedException">There is none; the message lists those there are.</exception>
    public static Activation Get(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return All.FirstOrDefault(activation => activation.Name == name) ?? throw new NotSupportedException(
            $"There is no activation '{name}'; there are {string.Join(", ", All.Select(activation => activation.Name))}.");
    }

    /// <summary>The name.</summary>
    public override string ToString() => Name;

    /// <summary>Replaces each value by the function of it.</summary>
    internal void Transform(Span<float> values) => _transform(values);
}
