using System.Buffers;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using KBitQuant.DataTypes;
using KBitQuant.Numerics;
using KBitQuant.Packing;
using KBitQuant.Threading;

namespace KBitQuant.Quantization;

/// <summary>
/// Blockwise quantization (equation 1 of arXiv 2212.09720): each block is divided by its constant, and each element takes the code
/// of the nearest table entry. Elements are Half, BFloat16 or float; arithmetic is in float; long tensors use all processors.
/// </summary>
/// <remarks>
/// <list type="bullet">
/// <item>An element is scaled by the constant's reciprocal, rounded to float, as in bitsandbytes: the codes are the same, bit for bit.</item>
/// <item>Of two equally near entries the smaller value is taken.</item>
/// <item>A block whose constant is 0 (all elements equal the offset, or too small for the constants' format) stores code 0 throughout
/// and decodes to the offset; a nested constant, which is rounded afterwards, only to about that.</item>
/// <item>A constant beyond the range of its format becomes the largest finite one.</item>
/// <item>NaN and infinities are refused: an exception names the first one.</item>
/// <item>The codes are the same on every machine, whatever its vector instructions.</item>
/// </list>
/// </remarks>
public static class BlockwiseQuantizer
{
    /// <summary>Quantizes a row-major matrix.</summary>
    /// <typeparam name="T">Half, BFloat16 or float.</typeparam>
    /// <param name="source">rows * columns elements.</param>
    /// <param name="rows">Rows, at least 0.</param>
    /// <param name="columns">Columns, at least 0.</param>
    /// <param name="scheme">How.</param>
    /// <exception cref="ArgumentException">The span's length differs, there are more than <see cref="QuantizedTensor.MaxLength"/> elements,
    /// or one is NaN or infinite.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A dimension is negative.</exception>
    /// <exception cref="NotSupportedException">Another element type.</exception>
    /// <exception cref="OverflowException">The constants or the offsets take more bytes than an int counts.</exception>
    public static QuantizedTensor Quantize<T>(ReadOnlySpan<T> source, int rows, int columns, QuantizationScheme scheme)
        where T : unmanaged => Quantize(source, rows, columns, scheme, Workers.Default);

    /// <summary>As the other, by these workers.</summary>
    internal static QuantizedTensor Quantize<T>(ReadOnlySpan<T> source, int rows, int columns, QuantizationScheme scheme, Workers workers)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(scheme);
        Elements.ThrowIfUnsupported<T>();
        int length = QuantizedTensor.CheckedLength(rows, columns);
        if (source.Length != length)
            throw new ArgumentException($"[{rows}, {columns}] has {length} elements; {source.Length} were given.", nameof(source));
        scheme = FitDataType(source, scheme);
        int blocks = scheme.BlockCount(length);
        var codes = new byte[BitPacking.PackedLength(length, scheme.DataType.Bits)];
        var constants = new float[blocks];
        float[] offsets = scheme.Offset == BlockOffset.None ? [] : new float[blocks];
        Quantize(source, scheme, codes, constants, offsets, workers);
        NestedConstants? nested = scheme.Nested ? NestedConstants.Quantize(constants) : null;
        byte[] storedConstants = nested is null ? Store(scheme.Constants, constants) : [];
        return new QuantizedTensor(rows, columns, scheme, codes, storedConstants, nested, Store(scheme.Constants, offsets), areCodesTrusted: true);
    }

    /// <summary>Quantizes a tensor of rank 1 (one row) or more (the first dimension is the rows).</summary>
    /// <typeparam name="T">Half, BFloat16 or float.</typeparam>
    /// <param name="source">The tensor, of any strides.</param>
    /// <param name="scheme">How.</param>
    /// <exception cref="ArgumentException">The rank is 0, a dimension or the number of elements is more than <see cref="QuantizedTensor.MaxLength"/>,
    /// or an element is NaN or infinite.</exception>
    /// <exception cref="NotSupportedException">Another element type.</exception>
    /// <exception cref="OverflowException">As of a matrix.</exception>
    public static QuantizedTensor Quantize<T>(in ReadOnlyTensorSpan<T> source, QuantizationScheme scheme)
        where T : unmanaged
    {
        if (source.Rank == 0)
            throw new ArgumentException("A tensor of rank 1 or more is quantized; one of rank 0 was given.", nameof(source));
        ThrowIfTooLong(source.FlattenedLength, nameof(source));
        var length = (int)source.FlattenedLength;
        (int rows, int columns) = ShapeOf(source.Lengths);
        T[] flat = ArrayPool<T>.Shared.Rent(length);
        try
        {
            source.FlattenTo(flat);
            return Quantize<T>(flat.AsSpan(0, length), rows, columns, scheme);
        }
        finally
        {
            ArrayPool<T>.Shared.Return(flat);
        }
    }

    /// <summary>Quantizes into spans of the caller's; allocates nothing once it has run on the thread.</summary>
    /// <typeparam name="T">Half, BFloat16 or float.</typeparam>
    /// <param name="source">The elements, flat.</param>
    /// <param name="scheme">How; a per-tensor data type must be fitted. Nested constants are left to the caller
    /// (<see cref="NestedConstants.Quantize"/>).</param>
    /// <param name="codes">Receives the packed codes; exactly <see cref="BitPacking.PackedLength"/> bytes.</param>
    /// <param name="constants">Receives a constant for each block, rounded to its format (32-bit where they are to be nested).</param>
    /// <param name="offsets">Receives an offset for each block, rounded to its format; empty where the scheme has none.</param>
    /// <exception cref="ArgumentException">A length differs, there are more than <see cref="QuantizedTensor.MaxLength"/> elements, the type is
    /// not fitted, or an element is NaN or infinite.</exception>
    /// <exception cref="NotSupportedException">Another element type.</exception>
    public static void Quantize<T>(ReadOnlySpan<T> source, QuantizationScheme scheme, Span<byte> codes, Span<float> constants, Span<float> offsets)
        where T : unmanaged => Quantize(source, scheme, codes, constants, offsets, Workers.Default);

    /// <summary>Dequantizes all elements in row-major order.</summary>
    /// <typeparam name="T">Half, BFloat16 or float; values are computed in float and rounded.</typeparam>
    /// <param name="tensor">The tensor.</param>
    /// <param name="destination">Exactly as many elements.</param>
    /// <exception cref="ArgumentException">The length differs.</exception>
    /// <exception cref="NotSupportedException">Another element type.</exception>
    public static void Dequantize<T>(QuantizedTensor tensor, Span<T> destination)
        where T : unmanaged => Dequantize(tensor, destination, Workers.Default);

    /// <summary>As the other, by these workers.</summary>
    internal static void Dequantize<T>(QuantizedTensor tensor, Span<T> destination, Workers workers)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (destination.Length != tensor.Length)
            throw new ArgumentException($"{tensor} has {tensor.Length} elements; a span for {destination.Length} was given.", nameof(destination));
        int blocks = tensor.BlockCount;
        float[] constants = ArrayPool<float>.Shared.Rent(blocks);
        float[] offsets = ArrayPool<float>.Shared.Rent(blocks);
        try
        {
            tensor.DecodeConstants(constants.AsSpan(0, blocks));
            if (tensor.HasOffsets)
                tensor.DecodeOffsets(offsets.AsSpan(0, blocks));
            Dequantize(tensor.Codes, tensor.Scheme, constants.AsSpan(0, blocks), tensor.HasOffsets ? offsets.AsSpan(0, blocks) : default, destination, workers);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(constants);
            ArrayPool<float>.Shared.Return(offsets);
        }
    }

    /// <summary>Dequantizes into a tensor of the caller's.</summary>
    /// <typeparam name="T">Half, BFloat16 or float.</typeparam>
    /// <param name="tensor">The tensor.</param>
    /// <param name="destination">As many elements, dense; its shape is the caller's.</param>
    /// <exception cref="ArgumentException">The length differs, or the destination is not dense.</exception>
    /// <exception cref="NotSupportedException">Another element type.</exception>
    public static void Dequantize<T>(QuantizedTensor tensor, in TensorSpan<T> destination)
        where T : unmanaged
    {
        if (!destination.IsDense)
            throw new ArgumentException("The destination is a dense tensor; one with gaps or broadcast dimensions was given.", nameof(destination));
        Span<nint> origin = stackalloc nint[destination.Rank];
        origin.Clear();
        Dequantize(tensor, destination.IsEmpty ? default : destination.GetSpan(origin, checked((int)destination.FlattenedLength)));
    }

    /// <summary>Dequantizes from spans; allocates nothing once it has run on the thread.</summary>
    /// <typeparam name="T">Half, BFloat16 or float.</typeparam>
    /// <param name="codes">The packed codes.</param>
    /// <param name="scheme">The scheme they were made with.</param>
    /// <param name="constants">A constant for each block.</param>
    /// <param name="offsets">An offset for each block; empty where the scheme has none.</param>
    /// <param name="destination">Receives the values; its length is the tensor's.</param>
    /// <exception cref="ArgumentException">A length differs, there are more than <see cref="QuantizedTensor.MaxLength"/> elements, or the type
    /// is not fitted.</exception>
    /// <exception cref="NotSupportedException">Another element type.</exception>
    public static void Dequantize<T>(ReadOnlySpan<byte> codes, QuantizationScheme scheme, ReadOnlySpan<float> constants, ReadOnlySpan<float> offsets, Span<T> destination)
        where T : unmanaged => Dequantize(codes, scheme, constants, offsets, destination, Workers.Default);

    private static void Quantize<T>(
        ReadOnlySpan<T> source, QuantizationScheme scheme, Span<byte> codes, Span<float> constants, Span<float> offsets, Workers workers)
        where T : unmanaged
    {
        ThrowIfMismatched<T>(source.Length, scheme, codes.Length, constants.Length, offsets.Length);
        if (source.IsEmpty)
            return;
        int badBlock = QuantizeJob<T>.Run(workers, source, scheme, codes, constants, offsets);
        if (badBlock >= 0)
            ThrowNotFinite(source, badBlock * scheme.BlockSizeFor(source.Length));
    }

    private static void Dequantize<T>(
        ReadOnlySpan<byte> codes, QuantizationScheme scheme, ReadOnlySpan<float> constants, ReadOnlySpan<float> offsets, Span<T> destination, Workers workers)
        where T : unmanaged
    {
        ThrowIfMismatched<T>(destination.Length, scheme, codes.Length, constants.Length, offsets.Length);
        DequantizeJob<T>.Run(workers, codes, scheme, constants, offsets, destination);
    }

    private static void ThrowIfTooLong(long length, string? parameter = null)
    {
        if (length > QuantizedTensor.MaxLength)
            throw new ArgumentException($"A tensor has at most {QuantizedTensor.MaxLength} elements; {length} were given.", parameter);
    }

    /// <summary>Rows and columns of a tensor of rank 1 or more. One dimension is 0 where there are no elements; others may be long all the same.</summary>
    private static (int Rows, int Columns) ShapeOf(ReadOnlySpan<nint> lengths)
    {
        long rows = lengths.Length > 1 ? lengths[0] : 1;
        long columns = 1;
        foreach (nint length in lengths[(lengths.Length > 1 ? 1 : 0)..])
        {
            columns *= length;
            ThrowIfTooLong(columns, "source");
        }

        ThrowIfTooLong(rows, "source");
        return ((int)rows, (int)columns);
    }

    private static QuantizationScheme FitDataType<T>(ReadOnlySpan<T> source, QuantizationScheme scheme)
        where T : unmanaged
    {
        if (scheme.DataType is not { IsPerTensor: true, IsFitted: false })
            return scheme;
        if (!float.IsFinite(AbsMax.Of(source)))
            ThrowNotFinite(source, 0);
        ReadOnlySpan<float> values = typeof(T) == typeof(float) ? MemoryMarshal.Cast<T, float>(source) : Widen(source);
        return values.Length == 0 ? scheme with { DataType = DataType.Fitted(scheme.DataType.Name, scheme.DataType.Codebook) }
            : scheme with { DataType = scheme.DataType.Fit(values) };
    }

    private static float[] Widen<T>(ReadOnlySpan<T> source)
        where T : unmanaged
    {
        var values = new float[source.Length];
        Elements.ToSingle(source, values);
        return values;
    }

    private static byte[] Store(ConstantFormat format, ReadOnlySpan<float> values)
    {
        var bytes = new byte[format.ByteLength(values.Length)];
        format.Encode(values, bytes);
        return bytes;
    }

    private static void ThrowIfMismatched<T>(int length, QuantizationScheme scheme, int codes, int constants, int offsets)
    {
        Elements.ThrowIfUnsupported<T>();
        ArgumentNullException.ThrowIfNull(scheme);
        if (scheme.DataType is { IsPerTensor: true, IsFitted: false })
            throw new ArgumentException($"{scheme.DataType} has a table for each tensor; fit it first (DataType.Fit).", nameof(scheme));
        ThrowIfTooLong(length);
        int blocks = scheme.BlockCount(length);
        int packed = BitPacking.PackedLength(length, scheme.DataType.Bits);
        int expectedOffsets = scheme.Offset == BlockOffset.None ? 0 : blocks;
        if (codes != packed || constants != blocks || offsets != expectedOffsets)
        {
            throw new ArgumentException($"{length} elements of {scheme} have {packed} bytes of codes, {blocks} constants and {expectedOffsets} offsets; "
                + $"spans of {codes}, {constants} and {offsets} were given.");
        }
    }

    private static void ThrowNotFinite<T>(ReadOnlySpan<T> source, int start)
        where T : unmanaged
    {
        Span<float> value = stackalloc float[1];
        for (int i = start; i < source.Length; i++)
        {
            Elements.ToSingle(source.Slice(i, 1), value);
            if (!float.IsFinite(value[0]))
                throw new ArgumentException($"Only finite values can be quantized; element {i} is {value[0].ToString(System.Globalization.CultureInfo.InvariantCulture)}.", nameof(source));
        }

        // A block of finite values whose mean, or distance from it, is beyond the range of a float.
        throw new ArgumentException($"The values of the block at element {start} span more than the range of a float.", nameof(source));
    }
}
