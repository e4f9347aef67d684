using System.Collections.Immutable;

namespace KBitQuant.Transformers.Checkpoints;

/// <summary>A tensor to be written: what it is, and a way to get its bytes when its turn comes.</summary>
public sealed class SafetensorsEntry
{
    /// <summary>An entry whose bytes are written when its turn comes, so that they need not be in memory before.</summary>
    /// <param name="name">The name, unique in the file, not <c>__metadata__</c>.</param>
    /// <param name="dtype">The element type.</param>
    /// <param name="shape">The dimensions, outermost first; none for a scalar.</param>
    /// <param name="write">Writes exactly <see cref="ByteLength"/> bytes: little-endian elements, row-major.</param>
    /// <exception cref="ArgumentException">The name is reserved or not Unicode, or the shape has no size in bytes.</exception>
    public SafetensorsEntry(string name, SafetensorsDType dtype, IEnumerable<long> shape, Action<Stream> write)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(dtype);
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(write);
        if (name == SafetensorsHeader.MetadataKey)
            throw new ArgumentException($"A tensor cannot be named '{name}': the format reserves this name.", nameof(name));
        SafetensorsWriter.ThrowIfNotUnicode(name, nameof(name));
        Name = name;
        DType = dtype;
        Shape = [.. shape];
        ByteLength = dtype.ByteLength(Shape);
        Write = write;
    }

    /// <summary>An entry of bytes in memory.</summary>
    /// <param name="name">The name, unique in the file, not <c>__metadata__</c>.</param>
    /// <param name="dtype">The element type.</param>
    /// <param name="shape">The dimensions, outermost first; none for a scalar.</param>
    /// <param name="bytes">Little-endian elements, row-major.</param>
    /// <exception cref="ArgumentException">As above, or the bytes are not as many as the type and shape take.</exception>
    public SafetensorsEntry(string name, SafetensorsDType dtype, IEnumerable<long> shape, ReadOnlyMemory<byte> bytes)
        : this(name, dtype, shape, stream => stream.Write(bytes.Span))
    {
        if (bytes.Length != ByteLength)
        {
            throw new ArgumentException(
                $"Tensor '{name}', [{string.Join(", ", Shape)}] of {dtype}, takes {ByteLength} bytes; {bytes.Length} were given.",
                nameof(bytes));
        }
    }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>The element type.</summary>
    public SafetensorsDType DType { get; }

    /// <summary>The dimensions, outermost first; empty for a scalar.</summary>
    public ImmutableArray<long> Shape { get; }

    /// <summary>The length in bytes.</summary>
    public long ByteLength { get; }

    internal Action<Stream> Write { get; }
}
