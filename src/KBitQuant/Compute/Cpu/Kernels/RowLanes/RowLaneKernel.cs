using KBitQuant.DataTypes;
using KBitQuant.Quantization;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>Exact products (32-bit accumulation) from the row-lane layout: every table, block offsets, any M and N; columns and blocks in
/// multiples of 32.</summary>
internal sealed class RowLaneKernel(string name, Func<bool> isSupported, Func<DataType, RowLaneFunctions> functions) : MatMulKernel<CpuDevice>
{
    public override string Name => name;

    public override string? ReasonToRefuse(QuantizationScheme scheme, int rows, int columns) =>
        isSupported() ? RowLaneStore.ReasonToRefuse(scheme, rows, columns) : "the processor lacks the instructions";

    public override PreparedWeight Prepare(CpuDevice device, QuantizedTensor weight) =>
        new RowLaneWeight(device.Workers, weight, functions(weight.Scheme.DataType), name);
}
