using System.Collections.Immutable;
using KBitQuant.Quantization;
using KBitQuant.Threading;
using KBitQuant.Transformers.Checkpoints;

namespace KBitQuant.Transformers.Models;

/// <summary>A tensor that a model is made of.</summary>
/// <param name="Name">Its name in a checkpoint.</param>
/// <param name="Role">What it is to the model.</param>
/// <param name="Shape">Its dimensions, outermost first: one or two.</param>
public sealed record ModelTensor(string Name, TensorRole Role, ImmutableArray<long> Shape)
{
    /// <summary>The number of parameters: the product of the dimensions.</summary>
    public long ElementCount => Shape.Aggregate(1L, (product, dimension) => product * dimension);

    /// <summary>Name and shape, for people.</summary>
    public override string ToString() => $"{Name} [{string.Join(", ", Shape)}]";

    /// <summary>The refusal to quantize what is stored quantized.</summary>
    internal ArgumentException AlreadyQuantized(IWeightSource weights, QuantizedTensor stored, QuantizationScheme wanted) =>
        new($"{weights.Path}: tensor {this} is stored as {stored.Scheme}; a plan to quantize it to {wanted} was given.");

    /// <summary>Quantizes the values of this weight.</summary>
    /// <exception cref="ArgumentException">They cannot be; the message names the weight and says why.</exception>
    internal QuantizedTensor Quantize(IWeightSource weights, float[] values, QuantizationScheme scheme, Workers workers)
    {
        try
        {
            return BlockwiseQuantizer.Quantize<float>(values, (int)Shape[0], (int)Shape[1], scheme, workers);
        }
        catch (ArgumentException exception)
        {
            throw new ArgumentException($"{weights.Path}: tensor {this} cannot be quantized: {exception.Message}", exception);
        }
    }

    /// <summary>Refuses weights that lack this tensor of a model, or have it in another shape.</summary>
    internal void ThrowIfNotIn(IWeightSource weights, ModelConfig config)
    {
        if (!weights.TryGetShape(Name, out ImmutableArray<long> found))
        {
            throw new CheckpointFormatException(
                weights.Path, $"tensor {this} is missing; a {config.Family} model of {config.LayerCount} layers has it.");
        }

        if (!found.AsSpan().SequenceEqual(Shape.AsSpan()))
        {
            throw new CheckpointFormatException(weights.Path, $"tensor '{Name}' has shape [{string.Join(", ", found)}]; "
                + $"by the model's configuration it is [{string.Join(", ", Shape)}].");
        }
    }
}
