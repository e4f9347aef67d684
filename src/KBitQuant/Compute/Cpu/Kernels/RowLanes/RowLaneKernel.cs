using KBitQuant.Packing;
using KBitQuant.Quantization;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>Exact products (32-bit accumulation) from the row-lane layout: every table, block offsets, any M and N; columns and blocks in
/// multiples of 32.</summary>
internal sealed class RowLaneKernel(string name, Func<bool> isSupported, Func<int, RowLaneFunctions> functions) : MatMulKernel<CpuDevice>
{
    public override string Name => name;

    public override string? ReasonToRefuse(QuantizationScheme scheme, int rows, int columns)
    {
        if (!isSupported())
            return "the processor lacks the instructions";
        if (scheme.DataType.Bits < 2)
            return "codes of 1 bit";
        if (rows == 0 || columns == 0)
            return "empty";
        int segment = LaneConstants.SegmentColumnsOf(scheme, QuantizedTensor.CheckedLength(rows, columns), columns);
        return segment % RowLaneLayout.UnitColumns == 0 ? null
            : $"{columns} columns in blocks of {scheme.BlockSize} have no common multiple of {RowLaneLayout.UnitColumns} columns to a constant";
    }

    public override PreparedWeight Prepare(CpuDevice device, QuantizedTensor weight) =>
        new RowLaneWeight(device.Workers, weight, functions(weight.Scheme.DataType.Bits), name);
}
