using System.Collections.Immutable;

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
}
