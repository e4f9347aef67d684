using System.Numerics.Tensors;
using KBitQuant.Packing;
using KBitQuant.Quantization;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>
/// The constants and offsets of a weight in the order of <see cref="RowLaneLayout"/>: [group][segment][lane], in the format they are
/// stored in, decoded a row group at a time. A segment is a run of columns that lies in one block in every row: the block, or a common
/// divisor where blocks straddle rows.
/// </summary>
internal sealed class LaneConstants
{
    private const int Lanes = RowLaneLayout.Lanes;

    private readonly ConstantFormat _format;
    private readonly byte[] _constants;
    private readonly byte[] _offsets;
    private readonly float[] _outer;
    private readonly float _mean;
    private readonly int _runSegments;
    private readonly bool _isNested;

    public LaneConstants(QuantizedTensor tensor)
    {
        SegmentColumns = SegmentColumnsOf(tensor.Scheme, tensor.Length, tensor.Columns);
        Segments = tensor.Columns / SegmentColumns;
        _format = tensor.Scheme.Constants;
        _isNested = tensor.Nested is not null;
        int[] blocks = BlockOfEveryLane(tensor);
        _offsets = tensor.HasOffsets ? Reorder(tensor.Offsets, _format.Bits / 8, blocks) : [];
        _outer = [];
        if (tensor.Nested is not { } nested)
        {
            _constants = Reorder(tensor.Constants, _format.Bits / 8, blocks);
            return;
        }

        _constants = Reorder(nested.Codes, sizeof(byte), blocks);
        _mean = nested.Mean;
        _runSegments = (int)GreatestCommonDivisor(Segments, NestedConstants.BlockSize * (tensor.Scheme.BlockSizeFor(tensor.Length) / SegmentColumns));
        _outer = new float[_constants.Length / _runSegments];
        for (int i = 0; i < _outer.Length; i++)
        {
            // A run's lanes keep their order; its first segment stands for all.
            int block = blocks[(i / Lanes * _runSegments * Lanes) + (i % Lanes)];
            _outer[i] = block < 0 ? 0 : nested.Outer[block / NestedConstants.BlockSize];
        }
    }

    /// <summary>Columns that share a constant in every row; a multiple of <see cref="RowLaneLayout.UnitColumns"/>.</summary>
    public int SegmentColumns { get; }

    /// <summary>Segments of a row.</summary>
    public int Segments { get; }

    /// <summary>Whether there are offsets.</summary>
    public bool HasOffsets => _offsets.Length > 0;

    /// <summary>Bytes held.</summary>
    public long ByteLength => _constants.Length + _offsets.Length + (_outer.Length * (long)sizeof(float));

    /// <summary>The longest run of columns that lies in one block in every row.</summary>
    public static int SegmentColumnsOf(QuantizationScheme scheme, int length, int columns) =>
        (int)GreatestCommonDivisor(scheme.BlockSizeFor(length), columns);

    /// <summary>Decodes the constants of one row group to [segment][lane].</summary>
    public void Decode(int group, Span<float> constants)
    {
        int start = group * Segments * Lanes;
        if (!_isNested)
        {
            _format.Decode(Stored(_constants, start, constants.Length), constants);
            return;
        }

        CodebookLookup.Decode(_constants.AsSpan(start, constants.Length), NestedConstants.DataType, constants);
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
    public void DecodeOffsets(int group, Span<float> offsets) => _format.Decode(Stored(_offsets, group * Segments * Lanes, offsets.Length), offsets);

    private static long GreatestCommonDivisor(long a, long b)
    {
        while (b != 0)
            (a, b) = (b, a % b);
        return a;
    }

    private ReadOnlySpan<byte> Stored(byte[] bytes, int start, int count) => bytes.AsSpan(_format.ByteLength(start), _format.ByteLength(count));

    /// <summary>For every [group][segment][lane] the block in the canonical order; -1 in the lanes beyond the last row.</summary>
    private int[] BlockOfEveryLane(QuantizedTensor tensor)
    {
        int blockSize = tensor.Scheme.BlockSizeFor(tensor.Length);
        var blocks = new int[RowLaneLayout.GroupCount(tensor.Rows) * Segments * Lanes];
        for (int i = 0; i < blocks.Length; i++)
        {
            int row = (i / (Segments * Lanes) * Lanes) + (i % Lanes);
            int segment = i / Lanes % Segments;
            blocks[i] = row < tensor.Rows ? (int)((((long)row * tensor.Columns) + ((long)segment * SegmentColumns)) / blockSize) : -1;
        }

        return blocks;
    }

    private static byte[] Reorder(ReadOnlySpan<byte> values, int size, int[] blocks)
    {
        var reordered = new byte[checked(blocks.Length * size)];
        for (int i = 0; i < blocks.Length; i++)
        {
            if (blocks[i] >= 0)
                values.Slice(blocks[i] * size, size).CopyTo(reordered.AsSpan(i * size));
        }

        return reordered;
    }
}
