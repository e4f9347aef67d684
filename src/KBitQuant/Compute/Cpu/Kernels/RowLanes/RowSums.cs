using System.Numerics.Tensors;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>From the sums of a part of the weight rows to the outputs.</summary>
internal static unsafe class RowSums
{
    /// <summary>y[i, firstRow + j] = sums[i, j] + bias[firstRow + j] for all rows of the part that are there.</summary>
    /// <param name="sums">[m][partRows].</param>
    /// <param name="m">Input rows.</param>
    /// <param name="partRows">Weight rows of a part.</param>
    /// <param name="firstRow">The part's first.</param>
    /// <param name="y">[m][rows].</param>
    /// <param name="rows">N.</param>
    /// <param name="bias">N values, or null.</param>
    public static void Store(float* sums, int m, int partRows, int firstRow, float* y, int rows, float* bias)
    {
        int count = Math.Min(partRows, rows - firstRow);
        for (int i = 0; i < m; i++)
        {
            var from = new ReadOnlySpan<float>(sums + ((long)i * partRows), count);
            var to = new Span<float>(y + ((long)i * rows) + firstRow, count);
            if (bias is null)
                from.CopyTo(to);
            else
                TensorPrimitives.Add(from, new ReadOnlySpan<float>(bias + firstRow, count), to);
        }
    }
}
