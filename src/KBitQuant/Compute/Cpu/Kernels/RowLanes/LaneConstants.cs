using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using KBitQuant.Numerics;
using KBitQuant.Packing;
using KBitQuant.Quantization;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>
/// The constants and offsets of a weight in the order of <see cref="RowLaneLayout"/>: [group][segment][lane], in the format they are
/// stored in, decoded a row group at a time. A segment is a run of columns that lies in one block in every row: the block, or a common
/// divisor where blocks straddle rows.
/// </summary>
internal sealed unsafe class LaneConstants
{
    private const int Lanes = RowLaneLayout.Lanes;

    private readonly ConstantFormat _format;
    private readonly AlignedBuffer<byte> _constants;
    private readonly byte[] _offsets;
    private readonly float[] _outer;
    private readonly float _mean;
    private readonly int _runSegments;
    private readonly bool _isNested;

    /// <summary>Makes room; <see cref="Lay"/> fills it, a row group at a time.</summary>
    public LaneConstants(QuantizedTensor tensor)
    {
        SegmentColumns = SegmentColumnsOf(tensor.Scheme, tensor.Length, tensor.Columns);
        Segments = tensor.Columns / SegmentColumns;
        _format = tensor.Scheme.Constants;
        _isNested = tensor.Nested is not null;
        // An int counts their bytes: of one row group, as there are fewer than of its codes; of more, as rows are at most doubled.
        int count = RowLaneLayout.GroupCount(tensor.Rows) * Segments * Lanes;
        _offsets = new byte[tensor.HasOffsets ? _format.ByteLength(count) : 0];
        _constants = new AlignedBuffer<byte>(_isNested ? count : _format.ByteLength(count));
        new Span<byte>(_constants.Pointer, (int)_constants.Length).Clear();
        Format = FormatOf(tensor);
        _outer = [];
        if (tensor.Nested is not { } nested)
            return;
        _mean = nested.Mean;
        _runSegments = (int)GreatestCommonDivisor(Segments, NestedConstants.BlockSize * (tensor.Scheme.BlockSizeFor(tensor.Length) / SegmentColumns));
        _outer = new float[count / _runSegments];
        for (int i = 0; i < _outer.Length; i++)
        {
            // A run's lanes keep their order; its first segment stands for all.
            (int group, int segment) = Math.DivRem(i / Lanes * _runSegments, Segments);
            int row = (group * Lanes) + (i % Lanes);
            _outer[i] = row < tensor.Rows ? nested.Outer[FirstBlock(tensor, row, segment * SegmentColumns) / NestedConstants.BlockSize] : 0;
        }
    }

    /// <summary>Columns that share a constant in every row; a multiple of <see cref="RowLaneLayout.UnitColumns"/>.</summary>
    public int SegmentColumns { get; }

    /// <summary>Segments of a row.</summary>
    public int Segments { get; }

    /// <summary>How they lie in memory.</summary>
    public LaneFormat Format { get; }

    /// <summary>Whether there are offsets.</summary>
    public bool HasOffsets => _offsets.Length > 0;

    /// <summary>Bytes held.</summary>
    public long ByteLength => _constants.Length + _offsets.Length + (_outer.Length * (long)sizeof(float));

    private int StoredBytes => _isNested ? sizeof(byte) : _format.Bits / 8;

    /// <summary>The longest run of columns that lies in one block in every row.</summary>
    public static int SegmentColumnsOf(QuantizationScheme scheme, int length, int columns) =>
        (int)GreatestCommonDivisor(scheme.BlockSizeFor(length), columns);

    /// <summary>Lays out the constants and offsets of one row group.</summary>
    public void Lay(QuantizedTensor tensor, int group)
    {
        ReadOnlySpan<byte> constants = tensor.Nested is { } nested ? nested.Codes : tensor.Constants;
        Transpose(tensor, group, constants, new Span<byte>(_constants.Pointer, (int)_constants.Length), StoredBytes);
        if (HasOffsets)
            Transpose(tensor, group, tensor.Offsets, _offsets, _format.Bits / 8);
    }

    /// <summary>Asks for the constants of one row group, for the L2 cache.</summary>
    public void Prefetch(int group)
    {
        if (!Sse.IsSupported)
            return;
        int bytes = Segments * Lanes * StoredBytes;
        for (int line = 0; line < bytes; line += CacheLine.Bytes)
            Sse.Prefetch1(Stored(group) + line);
    }

    /// <summary>The constants of one row group as they are stored.</summary>
    public byte* Stored(int group) => _constants.Pointer + ((long)group * Segments * Lanes * StoredBytes);

    /// <summary>Gives the memory back.</summary>
    public void Free() => _constants.Free();

    /// <summary>Decodes the constants of one row group to [segment][lane].</summary>
    public void Decode(int group, Span<float> constants)
    {
        if (!_isNested)
        {
            _format.Decode(new ReadOnlySpan<byte>(Stored(group), _format.ByteLength(constants.Length)), constants);
            return;
        }

        CodebookLookup.Decode(new ReadOnlySpan<byte>(Stored(group), constants.Length), NestedConstants.DataType, constants);
        for (int run = 0; run < Segments / _runSegments; run++)
        {
            ReadOnlySpan<float> outer = _outer.AsSpan(((group * (Segments / _runSegments)) + run) * Lanes, Lanes);
            for (int segment = run * _runSegments; segment < (run + 1) * _runSegments; segment++)
            {
                Span<float> lanes = constants.Slice(segment * Lanes, Lanes);
                TensorPrimitives.Multiply(lanes, outer, lanes);
                TensorPrimitives.Add(lanes, _mean, lanes);
            }
        }
    }

    /// <summary>Decodes the offsets of one row group to [segment][lane].</summary>
    public void DecodeOffsets(int group, Span<float> offsets) => _format.Decode(_offsets.AsSpan(_format.ByteLength(group * offsets.Length), _format.ByteLength(offsets.Length)), offsets);

    private static LaneFormat FormatOf(QuantizedTensor tensor)
    {
        ConstantFormat format = tensor.Scheme.Constants;
        if (tensor.Nested is not null)
            return LaneFormat.Other;
        if (format == ConstantFormat.Float16)
            return float.IsFinite(AbsMax.Of(MemoryMarshal.Cast<byte, Half>(tensor.Constants))) ? LaneFormat.Half : LaneFormat.Other;
        return format == ConstantFormat.Float32 ? LaneFormat.Single : format == ConstantFormat.BFloat16 ? LaneFormat.BFloat16 : LaneFormat.Other;
    }

    private static long GreatestCommonDivisor(long a, long b)
    {
        while (b != 0)
            (a, b) = (b, a % b);
        return a;
    }

    private static int FirstBlock(QuantizedTensor tensor, int row, int column) =>
        (int)((((long)row * tensor.Columns) + column) / tensor.Scheme.BlockSizeFor(tensor.Length));

    private void Transpose(QuantizedTensor tensor, int group, ReadOnlySpan<byte> values, Span<byte> laid, int size)
    {
        if (size == sizeof(byte))
            Transpose(tensor, group, values, laid);
        else if (size == sizeof(ushort))
            Transpose(tensor, group, MemoryMarshal.Cast<byte, ushort>(values), MemoryMarshal.Cast<byte, ushort>(laid));
        else
            Transpose(tensor, group, MemoryMarshal.Cast<byte, uint>(values), MemoryMarshal.Cast<byte, uint>(laid));
    }

    /// <summary>From the canonical order to [segment][lane]; lanes beyond the last row stay 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Transpose<T>(QuantizedTensor tensor, int group, ReadOnlySpan<T> values, Span<T> laid)
        where T : unmanaged
    {
        int blockSize = tensor.Scheme.BlockSizeFor(tensor.Length);
        int firstRow = group * Lanes;
        laid = laid.Slice(firstRow * Segments, Segments * Lanes);
        for (int lane = 0; lane < Math.Min(Lanes, tensor.Rows - firstRow); lane++)
        {
            (long block, long position) = Math.DivRem((long)(firstRow + lane) * tensor.Columns, blockSize);
            for (int i = lane; i < laid.Length; i += Lanes)
            {
                laid[i] = values[(int)block];
                position += SegmentColumns;
                if (position < blockSize)
                    continue;
                position = 0;
                block++;
            }
        }
    }
}
