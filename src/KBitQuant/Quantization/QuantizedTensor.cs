using KBitQuant.DataTypes;
using KBitQuant.Packing;

namespace KBitQuant.Quantization;

/// <summary>
/// A quantized matrix in host memory: packed codes, block constants and, where the scheme has them, block offsets. Immutable, in
/// the canonical packing (<see cref="BitPacking"/>): the only form that is written to files.
/// </summary>
public sealed partial class QuantizedTensor
{
    /// <summary>The most elements of a tensor, 2^31 - 2^20: an int counts them, and steps beyond the last one still.</summary>
    public const int MaxLength = int.MaxValue - ((1 << 20) - 1);

    private readonly byte[] _codes;
    private readonly byte[] _constants;
    private readonly byte[] _offsets;

    /// <summary>Takes the parts of a tensor, as a quantizer or a file brings them. The arrays are kept, not copied: nobody may change them
    /// afterwards.</summary>
    /// <param name="rows">Rows, at least 0; N of a weight.</param>
    /// <param name="columns">Columns, at least 0; K of a weight.</param>
    /// <param name="scheme">The scheme. A per-tensor data type must be fitted.</param>
    /// <param name="codes">Packed codes of all elements in row-major order.</param>
    /// <param name="constants">Block constants in <see cref="QuantizationScheme.Constants"/>; empty where they are nested.</param>
    /// <param name="nested">The nested constants, exactly where the scheme asks for them.</param>
    /// <param name="offsets">Block offsets in <see cref="QuantizationScheme.Constants"/>; empty where the scheme has none.</param>
    /// <exception cref="ArgumentException">There are more than <see cref="MaxLength"/> elements, a part has the wrong length, a code lies
    /// beyond the table, or a part is missing.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A dimension is negative.</exception>
    /// <exception cref="OverflowException">The constants or the offsets take more bytes than an int counts.</exception>
    public QuantizedTensor(int rows, int columns, QuantizationScheme scheme, byte[] codes, byte[] constants, NestedConstants? nested, byte[] offsets)
        : this(rows, columns, scheme, codes, constants, nested, offsets, areCodesTrusted: false)
    {
    }

    /// <summary>As the public constructor; the quantizer's own codes need no look.</summary>
    internal QuantizedTensor(int rows, int columns, QuantizationScheme scheme, byte[] codes, byte[] constants, NestedConstants? nested, byte[] offsets, bool areCodesTrusted)
    {
        ArgumentNullException.ThrowIfNull(scheme);
        ArgumentNullException.ThrowIfNull(codes);
        ArgumentNullException.ThrowIfNull(constants);
        ArgumentNullException.ThrowIfNull(offsets);
        Length = CheckedLength(rows, columns);
        (Rows, Columns, Scheme, Nested) = (rows, columns, scheme, nested);
        (_codes, _constants, _offsets) = (codes, constants, offsets);
        if (scheme.DataType is { IsPerTensor: true, IsFitted: false })
            throw new ArgumentException($"{scheme.DataType} has a table for each tensor; an unfitted one was given.", nameof(scheme));
        if (scheme.Nested != (nested is not null))
            throw new ArgumentException(scheme.Nested ? "The scheme nests its constants; none were given." : "Nested constants were given for a scheme that has none.", nameof(nested));
        int blocks = scheme.BlockCount(Length);
        ThrowUnlessLength("bytes of codes", BitPacking.PackedLength(Length, scheme.DataType.Bits), codes.Length);
        ThrowUnlessLength("bytes of constants", nested is null ? scheme.Constants.ByteLength(blocks) : 0, constants.Length);
        ThrowUnlessLength("nested constants", blocks, nested?.Codes.Length ?? blocks);
        ThrowUnlessLength("bytes of offsets", scheme.Offset == BlockOffset.None ? 0 : scheme.Constants.ByteLength(blocks), offsets.Length);
        if (!areCodesTrusted)
            ThrowIfCodeBeyondTable();
    }

    /// <summary>Rows; N of a weight.</summary>
    public int Rows { get; }

    /// <summary>Columns; K of a weight.</summary>
    public int Columns { get; }

    /// <summary>Elements: rows times columns.</summary>
    public int Length { get; }

    /// <summary>How the tensor is quantized; its data type is the fitted one where the type has a table for each tensor.</summary>
    public QuantizationScheme Scheme { get; }

    /// <summary>How many blocks there are.</summary>
    public int BlockCount => Scheme.BlockCount(Length);

    /// <summary>The packed codes.</summary>
    public ReadOnlySpan<byte> Codes => _codes;

    /// <summary>The block constants as stored; empty where they are nested.</summary>
    public ReadOnlySpan<byte> Constants => _constants;

    /// <summary>The nested constants, or null.</summary>
    public NestedConstants? Nested { get; }

    /// <summary>The block offsets as stored; empty where there are none.</summary>
    public ReadOnlySpan<byte> Offsets => _offsets;

    /// <summary>Whether blocks have offsets.</summary>
    public bool HasOffsets => _offsets.Length > 0;

    /// <summary>Every bit of this tensor.</summary>
    public BitLedger Bits => BitLedger.For(Length, Scheme);

    /// <summary>The bytes of codes, constants and offsets.</summary>
    public long ByteLength => _codes.Length + (long)_constants.Length + _offsets.Length
        + (Nested is null ? 0 : Nested.Codes.Length + ((Nested.Outer.Length + 1L) * sizeof(float)));

    /// <summary>Decodes the constants of all blocks.</summary>
    /// <param name="constants">Exactly <see cref="BlockCount"/> long.</param>
    /// <exception cref="ArgumentException">The length differs.</exception>
    public void DecodeConstants(Span<float> constants)
    {
        if (Nested is not null)
            Nested.Dequantize(constants);
        else
            Scheme.Constants.Decode(_constants, constants);
    }

    /// <summary>Decodes the offsets of all blocks: zeros where there are none.</summary>
    /// <param name="offsets">Exactly <see cref="BlockCount"/> long.</param>
    /// <exception cref="ArgumentException">The length differs.</exception>
    public void DecodeOffsets(Span<float> offsets)
    {
        if (HasOffsets)
            Scheme.Constants.Decode(_offsets, offsets);
        else
            offsets.Clear();
    }

    /// <summary>Such as <c>[4096, 11008] nf4 block 64 fp16</c>.</summary>
    public override string ToString() => $"[{Rows}, {Columns}] {Scheme}";

    internal static int CheckedLength(int rows, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfNegative(columns);
        long length = (long)rows * columns;
        if (length > MaxLength)
            throw new ArgumentException($"A tensor has at most {MaxLength} elements; [{rows}, {columns}] has {length}.");
        return (int)length;
    }

    private void ThrowUnlessLength(string part, int expected, int given)
    {
        if (given != expected)
            throw new ArgumentException($"{this}, of {BlockCount} blocks, has {expected} {part}; {given} were given.");
    }

    private void ThrowIfCodeBeyondTable()
    {
        DataType type = Scheme.DataType;
        if (type.Codebook.Length == 1 << type.Bits)
            return;
        Span<byte> chunk = stackalloc byte[1024];
        for (int start = 0; start < Length; start += chunk.Length)
        {
            Span<byte> part = chunk[..Math.Min(chunk.Length, Length - start)];
            BitPacking.Unpack(_codes, type.Bits, start, part);
            int bad = part.IndexOfAnyExceptInRange((byte)0, (byte)(type.Codebook.Length - 1));
            if (bad >= 0)
                throw new ArgumentException($"Element {start + bad} has code {part[bad]}; {type} has codes 0 to {type.Codebook.Length - 1}.");
        }
    }
}
