using ILGPU;

namespace KBitQuant.Compute.Gpu.Kernels.Portable;

/// <summary>Products of few input rows in plain ILGPU: a group for each weight row and every four input rows; its threads take the columns
/// in turn, decode a weight once for the four rows, and their partial sums are added in a fixed order.</summary>
internal static class MatVecProduct
{
    /// <summary>Input rows of a group, one accumulator each.</summary>
    private const int RowsPerGroup = 4;

    /// <summary>How many groups compute the product: at most M * N, the length of the output, so that one dimension holds them.</summary>
    public static int GroupCount(int m, int n) => n * (((m - 1) / RowsPerGroup) + 1);

    /// <summary>The work of a thread.</summary>
    public static void Run<TStorage, TElement, TWeight>(PortableArguments<TStorage, TWeight> arguments)
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
}
