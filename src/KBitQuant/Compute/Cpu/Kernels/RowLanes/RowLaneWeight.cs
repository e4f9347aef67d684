using KBitQuant.Packing;
using KBitQuant.Quantization;
using KBitQuant.Threading;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>A weight in the row-lane layout.</summary>
internal sealed unsafe class RowLaneWeight : CpuPreparedWeight
{
    private readonly Workers _workers;
    private readonly AlignedBuffer<byte> _codes;
    private readonly AlignedBuffer<float> _table;

    public RowLaneWeight(Workers workers, QuantizedTensor tensor, RowLaneFunctions functions, string kernelName)
        : base(tensor.Rows, tensor.Columns, kernelName)
    {
        _workers = workers;
        Functions = functions;
        Constants = new LaneConstants(tensor);
        int bits = tensor.Scheme.DataType.Bits;
        GroupBytes = (long)(Columns / RowLaneLayout.UnitColumns) * RowLaneLayout.UnitBytes(bits);
        _codes = new AlignedBuffer<byte>(RowLaneLayout.GroupCount(Rows) * GroupBytes);
        _table = RepeatedTable(tensor.Scheme.DataType);
        new PackJob(this, tensor).Run(workers);
    }

    public override long ByteLength => _codes.ByteLength + _table.ByteLength + Constants.ByteLength;

    public RowLaneFunctions Functions { get; }

    public LaneConstants Constants { get; }

    /// <summary>Bytes of one row group's codes.</summary>
    public long GroupBytes { get; }

    /// <summary>Units of a row.</summary>
    public int Units => Columns / RowLaneLayout.UnitColumns;

    /// <summary>The inner loops' view of some row groups whose constants have been decoded.</summary>
    public RowLaneBlock BlockOf(int firstGroup, int groupCount, float* constants, float* offsets) => new(groupCount, GroupBytes)
    {
        Codes = _codes.Pointer + (firstGroup * GroupBytes),
        Table = _table.Pointer,
        Constants = constants,
        Offsets = Constants.HasOffsets ? offsets : null,
        Segments = Constants.Segments,
        UnitsPerSegment = Constants.SegmentColumns / RowLaneLayout.UnitColumns,
    };

    protected override void MatMul(ReadOnlySpan<float> x, int m, Span<float> y, ReadOnlySpan<float> bias)
    {
        fixed (float* xPointer = x)
        fixed (float* yPointer = y)
        fixed (float* biasPointer = bias)
        {
            if (m == 1)
                RowLaneGemvJob.Run(_workers, this, xPointer, yPointer, biasPointer);
            else
                RowLaneGemmJob.Run(_workers, this, xPointer, m, yPointer, biasPointer);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _codes.Free();
            _table.Free();
        }

        base.Dispose(disposing);
    }

    /// <summary>256 entries, the table repeated: whatever bits stand above a code, its entry is found.</summary>
    private static AlignedBuffer<float> RepeatedTable(DataTypes.DataType type)
    {
        var table = new AlignedBuffer<float>(type.Lookup.Length);
        for (int i = 0; i < type.Lookup.Length; i++)
            table.Pointer[i] = type.Lookup[i & ((1 << type.Bits) - 1)];
        return table;
    }

    /// <summary>Lays out the codes, a row group a part.</summary>
    private sealed class PackJob(RowLaneWeight weight, QuantizedTensor tensor) : ParallelJob
    {
        public void Run(Workers workers) => workers.Run(this, RowLaneLayout.GroupCount(weight.Rows));

        public override void RunPart(int part)
        {
            var destination = new Span<byte>(weight._codes.Pointer + (part * weight.GroupBytes), (int)weight.GroupBytes);
            RowLaneLayout.PackGroup(tensor.Codes, tensor.Scheme.DataType.Bits, weight.Rows, weight.Columns, part, destination);
        }
    }
}
