using System.Diagnostics.CodeAnalysis;
using ILGPU;
using KBitQuant.Quantization;

namespace KBitQuant.Compute.Gpu.Kernels.Portable;

/// <summary>
/// Small batches straight from the canonical packing, in plain ILGPU: a group for each weight row and every four input rows; its
/// threads take the columns in turn, decode a weight once for the four rows, and their partial sums are added in a fixed order. Takes
/// every table, block size, offset and shape.
/// </summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal sealed class MatVecKernel : GpuMatMulKernel
{
    private const string Id = "portable-matvec";

    /// <summary>Input rows of a group, one accumulator each.</summary>
    private const int RowsPerGroup = 4;

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
        // At most M * N, the length of the output: one dimension holds it.
        int groups = operands.N * (((operands.M - 1) / RowsPerGroup) + 1);
        device.Launch(MatVec<TStorage, TElement, TWeight>, groups, new Arguments<TStorage, TWeight> { Weight = weight, Operands = operands });
    }

    private static void MatVec<TStorage, TElement, TWeight>(Arguments<TStorage, TWeight> arguments)
        where TStorage : unmanaged
        where TElement : struct, IElement<TStorage>
        where TWeight : struct, IWeightView
    {
        ArrayView<float> table = arguments.Weight.ShareTable();
        MatMulOperands<TStorage> operands = arguments.Operands;
        int n = Grid.IdxX % operands.N;
        int firstRow = Grid.IdxX / operands.N * RowsPerGroup;
        int lastRow = operands.M - 1;
        // The rows past the last one repeat it and are not written.
        long row0 = (long)firstRow * operands.K;
        long row1 = (long)IntrinsicMath.Min(firstRow + 1, lastRow) * operands.K;
        long row2 = (long)IntrinsicMath.Min(firstRow + 2, lastRow) * operands.K;
        long row3 = (long)IntrinsicMath.Min(firstRow + 3, lastRow) * operands.K;
        float sum0 = 0;
        float sum1 = 0;
        float sum2 = 0;
        float sum3 = 0;
        TElement element = default;
        for (int k = Group.IdxX; k < operands.K; k += Group.DimX)
        {
            float weight = arguments.Weight.Value(n, k, operands.K, table);
            sum0 += element.Widen(operands.X[row0 + k]) * weight;
            sum1 += element.Widen(operands.X[row1 + k]) * weight;
            sum2 += element.Widen(operands.X[row2 + k]) * weight;
            sum3 += element.Widen(operands.X[row3 + k]) * weight;
        }

        ArrayView<float> sums = SharedMemory.Allocate<float>(RowsPerGroup * GpuDevice.LargestGroupSize);
        sums[Group.IdxX] = sum0;
        sums[Group.DimX + Group.IdxX] = sum1;
        sums[(2 * Group.DimX) + Group.IdxX] = sum2;
        sums[(3 * Group.DimX) + Group.IdxX] = sum3;
        Group.Barrier();
        for (int row = Group.IdxX; row < RowsPerGroup && firstRow + row <= lastRow; row += Group.DimX)
        {
            float sum = operands.HasBias == 0 ? 0 : operands.Bias[n];
            for (int thread = 0; thread < Group.DimX; thread++)
                sum += sums[(row * Group.DimX) + thread];
            operands.Y[((long)(firstRow + row) * operands.N) + n] = element.Round(sum);
        }
    }

    /// <summary>The kernel's parameter.</summary>
    internal struct Arguments<TStorage, TWeight>
        where TStorage : unmanaged
        where TWeight : struct, IWeightView
    {
        public TWeight Weight;
        public MatMulOperands<TStorage> Operands;
    }

    [RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
    private sealed class Weight(GpuDevice device, QuantizedTensor tensor) : GpuPreparedWeight(device, tensor.Rows, tensor.Columns, Id)
    {
        private readonly CanonicalWeight _weight = new(device, tensor);

        public override long ByteLength => _weight.ByteLength;

        protected override void Launch<TStorage, TElement>(MatMulOperands<TStorage> operands) =>
            MatVecKernel.Launch<TStorage, TElement, CanonicalView>(Device, _weight.View, operands);

        protected override void Dispose(bool disposing)
        {
            // First, so that no product begins on the memory that goes.
            base.Dispose(disposing);
            if (disposing)
                _weight.Dispose();
        }
    }
}
