using System.Collections.Immutable;

namespace KBitQuant.Transformers.Checkpoints;

/// <summary>Where a tensor of a safetensors file lies and what it is; its values are read through the file.</summary>
public sealed class SafetensorsTensor
{
    internal SafetensorsTensor(string name, SafetensorsDType dtype, ImmutableArray<long> shape, long offset, long byteLength)
    {
        Name = name;
        DType = dtype;
        Shape = shape;
        Offset = offset;
        ByteLength = byteLength;
    }

    /// <summary>The name, unique in the file.</summary>
    public string Name { get; }

    /// <summary>The element type.</summary>
    public SafetensorsDType DType { get; }

    /// <summary>The dimensions, outermost first (row-major); empty for a scalar.</summary>
    public ImmutableArray<long> Shape { get; }

    /// <summary>The first byte, counted from the end of the header.</summary>
    public long Offset { get; }

    /// <summary>The length in bytes.</summary>
    public long ByteLength { get; }

    /// <summary>The number of elements: the product of the dimensions, 1 for a scalar.</summary>
    public long ElementCount => ByteLength * 8 / DType.Bits;

    /// <summary>Name, type and shape, for people.</summary>
    public override string ToString() => $"{Name} {DType} [{string.Join(", ", Shape)}]";
}
