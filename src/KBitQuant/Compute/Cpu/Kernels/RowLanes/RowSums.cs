using System.Numerics.Tensors;
using System.Runtime.Intrinsics;
using KBitQuant.Packing;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>From the sums of a part of the weight rows to the outputs.</summary>
internal static unsafe class RowSums
{
    /// <summary>sums += the offset of each segment times the sum of its inputs, for one input row.</summary>
    /// <param name="block">Row groups with offsets.</param>
    /// <param name="groups">How many.</param>
    /// <param name="inputSums">Sums of the inputs, one or several in a row for each segment.</param>
    /// <param name="sumsPerSegment">How many.</param>
    /// <param name="sums">[group][lane].</param>
    public static void AddOffsets(in RowLaneBlock block, int groups, float* inputSums, int sumsPerSegment, float* sums)
    {
        int half = Vector256<float>.Count;
        for (int group = 0; group < groups; group++, sums += RowLaneLayout.Lanes)
        {
            float* offsets = block.Offsets + block.GroupConstants(group);
            Vector256<float> low = Vector256.Load(sums), high = Vector256.Load(sums + half);
            for (int i = 0; i < block.Segments * sumsPerSegment; i++)
            {
                float* of = offsets + (i / sumsPerSegment * RowLaneLayout.Lanes);
                Vector256<float> input = Vector256.Create(inputSums[i]);
                low = Vector256.MultiplyAddEstimate(Vector256.Load(of), input, low);
                high = Vector256.MultiplyAddEstimate(Vector256.Load(of + half), input, high);
            }

            low.Store(sums);
            high.Store(sums + half);
        }
    }

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
