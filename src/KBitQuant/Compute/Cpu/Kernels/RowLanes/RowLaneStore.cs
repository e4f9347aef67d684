using System.Numerics.Tensors;
using KBitQuant.DataTypes;
using KBitQuant.Packing;
using KBitQuant.Quantization;
using KBitQuant.Threading;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>A weight's codes in <see cref="RowLaneLayout"/>, its table and its constants: what all row-lane kernels share.</summary>
internal sealed unsafe class RowLaneStore
{
    /// <summary>While constants are decoded, those of the group so many later are on their way.</summary>
    private const int GroupsAhead = 4;

    private readonly AlignedBuffer<byte> _codes;
    private readonly AlignedBuffer<float> _table;
    private readonly AlignedBuffer<byte> _tablePlanes;
    private readonly float _planeStep;
    private readonly UniformTable _uniform;
    private readonly LaneConstants _constants;
    private readonly int _unitBytes;
    private readonly long _groupBytes;

    /// <param name="workers">Share the row groups.</param>
    /// <param name="tensor">The weight.</param>
    /// <param name="planes">Planes to keep in place of the type's own, or null.</param>
    /// <param name="planeStep">What their entries are multiplied by.</param>
    public RowLaneStore(Workers workers, QuantizedTensor tensor, byte[]? planes = null, float planeStep = 1)
    {
        (Rows, Columns) = (tensor.Rows, tensor.Columns);
        _constants = new LaneConstants(tensor);
        _unitBytes = RowLaneLayout.UnitBytes(tensor.Scheme.DataType.Bits);
        _groupBytes = RowLaneLayout.GroupBytes(Columns, tensor.Scheme.DataType.Bits);
        _codes = new AlignedBuffer<byte>(GroupCount * _groupBytes);
        _table = RepeatedTable(tensor.Scheme.DataType);
        _uniform = UniformTable.Of(tensor.Scheme.DataType) ?? default;
        _planeStep = planeStep;
        planes ??= tensor.Scheme.DataType.LookupPlanes;
        _tablePlanes = new AlignedBuffer<byte>(planes.Length);
        planes.CopyTo(new Span<byte>(_tablePlanes.Pointer, planes.Length));
        workers.Run(new PackJob(this, tensor), GroupCount);
    }

    /// <summary>N.</summary>
    public int Rows { get; }

    /// <summary>K.</summary>
    public int Columns { get; }

    /// <summary>Row groups.</summary>
    public int GroupCount => RowLaneLayout.GroupCount(Rows);

    /// <summary>Columns that share a constant in every row.</summary>
    public int SegmentColumns => _constants.SegmentColumns;

    /// <summary>Segments of a row.</summary>
    public int Segments => _constants.Segments;

    /// <summary>Whether there are block offsets.</summary>
    public bool HasOffsets => _constants.HasOffsets;

    /// <summary>Bytes held.</summary>
    public long ByteLength => _codes.ByteLength + _table.ByteLength + _tablePlanes.ByteLength + _constants.ByteLength;

    private int GroupConstants => _constants.Segments * RowLaneLayout.Lanes;

    /// <summary>Why there is no such layout of a weight, or null.</summary>
    public static string? ReasonToRefuse(QuantizationScheme scheme, int rows, int columns)
    {
        if (scheme.DataType.Bits < 2)
            return "codes of 1 bit";
        if (rows == 0 || columns == 0)
            return "empty";
        if (RowLaneLayout.GroupBytes(columns, scheme.DataType.Bits) > int.MaxValue)
            return $"{RowLaneLayout.Lanes} rows of {columns} codes of {scheme.DataType.Bits} bits, which are laid out together, take more than {int.MaxValue} bytes";
        int segment = LaneConstants.SegmentColumnsOf(scheme, QuantizedTensor.CheckedLength(rows, columns), columns);
        return segment % RowLaneLayout.UnitColumns == 0 ? null
            : $"{columns} columns in blocks of {scheme.BlockSize} have no common multiple of {RowLaneLayout.UnitColumns} columns to a constant";
    }

    /// <summary>Floats that <see cref="BlockOf"/> decodes constants and offsets into.</summary>
    public long ScratchLength(int groups) => (HasOffsets ? 2L : 1L) * groups * GroupConstants;

    /// <summary>Some row groups, their constants and offsets decoded into the scratch, as the inner loops see them.</summary>
    /// <param name="firstGroup">The first.</param>
    /// <param name="groups">How many.</param>
    /// <param name="scratch">Of <see cref="ScratchLength"/>.</param>
    /// <param name="needsFloats">Whether constants are decoded even where loops could read them as they are stored.</param>
    public RowLaneBlock BlockOf(int firstGroup, int groups, float* scratch, bool needsFloats)
    {
        bool decodes = needsFloats || _constants.Format == LaneFormat.Other;
        float* offsets = HasOffsets ? scratch + ((long)groups * GroupConstants) : null;
        for (int group = 0; group < groups; group++)
        {
            int start = group * GroupConstants;
            if (decodes)
                DecodeConstants(firstGroup + group, new Span<float>(scratch + start, GroupConstants));
            if (HasOffsets)
                _constants.DecodeOffsets(firstGroup + group, new Span<float>(offsets + start, GroupConstants));
        }

        return new RowLaneBlock(groups, _groupBytes)
        {
            Codes = _codes.Pointer + (firstGroup * _groupBytes),
            Table = _table.Pointer,
            TablePlanes = _tablePlanes.Pointer,
            PlaneStep = _planeStep,
            Uniform = _uniform,
            Constants = scratch,
            StoredConstants = decodes ? (byte*)scratch : _constants.Stored(firstGroup),
            StoredFormat = decodes ? LaneFormat.Single : _constants.Format,
            Offsets = offsets,
            Segments = Segments,
            UnitsPerSegment = SegmentColumns / RowLaneLayout.UnitColumns,
            UnitBytes = _unitBytes,
        };
    }

    /// <summary>The sums that offsets multiply: those of each input row's segments.</summary>
    /// <param name="x">[rows][K].</param>
    /// <param name="rows">M.</param>
    /// <param name="sums">Receives [rows][segment]; made larger if need be.</param>
    public void SumSegments(float* x, int rows, ref float[] sums)
    {
        int count = rows * Segments;
        if (sums.Length < count)
            sums = new float[count];
        for (int i = 0; i < count; i++)
            sums[i] = TensorPrimitives.Sum(new ReadOnlySpan<float>(x + ((long)i * SegmentColumns), SegmentColumns));
    }

    /// <summary>Gives the memory back.</summary>
    public void Free()
    {
        _codes.Free();
        _table.Free();
        _tablePlanes.Free();
        _constants.Free();
    }

    /// <summary>256 entries, the table repeated: whatever bits stand above a code, its entry is found.</summary>
    private static AlignedBuffer<float> RepeatedTable(DataType type)
    {
        var table = new AlignedBuffer<float>(type.Lookup.Length);
        for (int i = 0; i < type.Lookup.Length; i++)
            table.Pointer[i] = type.Lookup[i & ((1 << type.Bits) - 1)];
        return table;
    }

    private void DecodeConstants(int group, Span<float> constants)
    {
        if (group + GroupsAhead < GroupCount)
            _constants.Prefetch(group + GroupsAhead);
        _constants.Decode(group, constants);
    }

    /// <summary>Lays out the codes and constants, a row group a part.</summary>
    private sealed class PackJob(RowLaneStore store, QuantizedTensor tensor) : ParallelJob
    {
        public override void RunPart(int part)
        {
            var destination = new Span<byte>(store._codes.Pointer + (part * store._groupBytes), (int)store._groupBytes);
            RowLaneLayout.PackGroup(tensor.Codes, tensor.Scheme.DataType.Bits, store.Rows, store.Columns, part, destination);
            store._constants.Lay(tensor, part);
        }
    }
}
