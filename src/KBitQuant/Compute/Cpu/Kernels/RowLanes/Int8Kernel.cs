using KBitQuant.Quantization;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>Products with inputs rounded to 8 bits (<see cref="ActivationPrecision.Int8"/>) from the row-lane layout: evenly spaced tables of 2
/// to 8 bits, and any table of up to 16 entries.</summary>
internal sealed class Int8Kernel(string name, Func<bool> isSupported, Func<int, bool, Int8Functions> functions) : MatMulKernel<CpuDevice>
{
    public override string Name => name;

    public override ActivationPrecision Activations => ActivationPrecision.Int8;

    public override string? ReasonToRefuse(QuantizationScheme scheme, int rows, int columns)
    {
        if (!isSupported())
            return "the processor lacks the instructions";
        return Int8Table.Exists(scheme.DataType) ? RowLaneStore.ReasonToRefuse(scheme, rows, columns)
            : "the table is neither evenly spaced around 0 nor of up to 16 finite entries";
    }

    public override PreparedWeight Prepare(CpuDevice device, QuantizedTensor weight) => new Int8Weight(device.Workers, weight, functions, Name);
}
