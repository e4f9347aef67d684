using System.Diagnostics.CodeAnalysis;
using KBitQuant.Quantization;

namespace KBitQuant.Compute.Gpu.Kernels.Portable;

/// <summary>Products straight from the canonical packing, in plain ILGPU, on every device: of few input rows by weight rows
/// (<see cref="MatVecProduct"/>), of more by tiles of outputs (<see cref="TileProduct"/>). Takes every table, block size, offset and
/// shape.</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal sealed class PortableKernel : GpuMatMulKernel
{
    private const string Id = "portable";

    /// <summary>From so many input rows on, tiles are faster: below, too few groups have a tile. Measured on an H200.</summary>
    private const int TilesFrom = 64;

    public override string Name => Id;

    public override string? ReasonToRefuse(GpuDevice device) => null;

    public override string? ReasonToRefuse(QuantizationScheme scheme, int rows, int columns) => null;

    public override PreparedWeight Prepare(GpuDevice device, QuantizedTensor weight)
    {
        using GpuDevice.Call call = device.Enter();
        return new Weight(device, weight);
    }

    /// <summary>Starts the product with a weight of any layout, within a call.</summary>
    public static void Launch<TStorage, TElement, TWeight>(GpuDevice device, TWeight weight, MatMulOperands<TStorage> operands)
        where TStorage : unmanaged
        where TElement : struct, IElement<TStorage>
        where TWeight : struct, IWeightView
    {
        var arguments = new PortableArguments<TStorage, TWeight> { Weight = weight, Operands = operands };
        if (operands.M < TilesFrom)
            device.Launch(MatVecProduct.Run<TStorage, TElement, TWeight>, MatVecProduct.GroupCount(operands.M, operands.N), arguments);
        else
            device.Launch(MultiplyTile<TStorage, TElement, TWeight>, TileProduct.GroupCount(operands.M, operands.N, device.GroupSize), arguments);
    }

    private static void MultiplyTile<TStorage, TElement, TWeight>(PortableArguments<TStorage, TWeight> arguments)
        where TStorage : unmanaged
        where TElement : struct, IElement<TStorage>
        where TWeight : struct, IWeightView =>
        TileProduct.Run(new QuantizedTile<TStorage, TElement, TWeight> { Arguments = arguments, Table = arguments.Weight.ShareTable() });

    [RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
    private sealed class Weight(GpuDevice device, QuantizedTensor tensor) : GpuPreparedWeight(device, tensor.Rows, tensor.Columns, Id)
    {
        private readonly CanonicalWeight _weight = new(device, tensor);

        public override long ByteLength => _weight.ByteLength;

        protected override void Launch<TStorage, TElement>(MatMulOperands<TStorage> operands) =>
            PortableKernel.Launch<TStorage, TElement, CanonicalView>(Device, _weight.View, operands);

        protected override void Dispose(bool disposing)
        {
            // First, so that no product begins on the memory that goes.
            base.Dispose(disposing);
            if (disposing)
                _weight.Dispose();
        }
    }
}
