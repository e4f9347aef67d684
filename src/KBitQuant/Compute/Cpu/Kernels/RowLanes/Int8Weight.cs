using KBitQuant.Packing;
using KBitQuant.Quantization;
using KBitQuant.Threading;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>A weight for products with inputs of 8 bits.</summary>
internal sealed unsafe class Int8Weight : CpuPreparedWeight
{
    /// <summary>Inputs that share a scale, where a constant reaches as far: fewer round better, more take less scaling.</summary>
    private const int MaxInputBlock = 64;

    private readonly Workers _workers;
    private readonly AlignedBuffer<byte> _levels;

    public Int8Weight(Workers workers, QuantizedTensor tensor, Func<int, bool, Int8Functions> functions, string kernelName)
        : base(tensor.Rows, tensor.Columns, kernelName)
    {
        _workers = workers;
        Table = Int8Table.Of(tensor.Scheme.DataType);
        _levels = new AlignedBuffer<byte>(Int8Table.LargestLookup);
        Table.Levels.CopyTo(new Span<byte>(_levels.Pointer, Table.Levels.Length));
        Functions = functions(tensor.Scheme.DataType.Bits, Table.IsLookup);
        Store = new RowLaneStore(workers, tensor);
        InputBlockColumns = Store.SegmentColumns % MaxInputBlock == 0 ? MaxInputBlock : MaxInputBlock / 2;
    }

    public override long ByteLength => Store.ByteLength + _levels.ByteLength;

    public RowLaneStore Store { get; }

    public Int8Table Table { get; }

    public Int8Functions Functions { get; }

    /// <summary>Inputs that share a scale.</summary>
    public int InputBlockColumns { get; }

    /// <summary>The inner loops' view of some row groups.</summary>
    public Int8Block BlockOf(int firstGroup, int groups, float* scratch, bool needsFloats) => new()
    {
        Groups = Store.BlockOf(firstGroup, groups, scratch, needsFloats),
        Levels = _levels.Pointer,
        InputBlockUnits = InputBlockColumns / RowLaneLayout.UnitColumns,
    };

    protected override void MatMul(ReadOnlySpan<float> x, int m, Span<float> y, ReadOnlySpan<float> bias)
    {
        fixed (float* xPointer = x)
        fixed (float* yPointer = y)
        fixed (float* biasPointer = bias)
            Int8Job.Run(_workers, this, xPointer, m, yPointer, biasPointer);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Store.Free();
            _levels.Free();
        }

        base.Dispose(disposing);
    }
}
