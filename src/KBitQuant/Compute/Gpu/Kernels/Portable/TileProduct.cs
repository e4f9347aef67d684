using ILGPU;
using KBitQuant.Compute.Gpu.Kernels.Platforms;

namespace KBitQuant.Compute.Gpu.Kernels.Portable;

/// <summary>Products of many input rows in plain ILGPU: a group computes a tile of outputs, four by four in each thread, from slices of
/// columns of both operands that it shares, each value of which it reads, or decodes, once. Sums are in the order of the columns.</summary>
internal static class TileProduct
{
    /// <summary>The largest group.</summary>
    public const int MaxGroupSize = 256;

    /// <summary>Columns of a slice.</summary>
    private const int SliceColumns = 16;

    /// <summary>The most threads along a side.</summary>
    private const int MaxThreads = 16;

    /// <summary>The floats of a slice of one operand: <see cref="Pitch"/> for each column.</summary>
    private const int SliceLength = SliceColumns * ((RowValues.Count * MaxThreads) + 1);

    /// <summary>How many groups of so many threads compute the product.</summary>
    public static int GroupCount(int m, int n, int groupSize) =>
        (((m - 1) / (ThreadsOfM(groupSize) * RowValues.Count)) + 1) * (((n - 1) / (ThreadsOfN(groupSize) * RowValues.Count)) + 1);

    /// <summary>The work of a thread.</summary>
    public static void Run<TOperands>(TOperands operands)
        where TOperands : struct, ITileOperands
    {
        ArrayView<float> weights = SharedMemory.Allocate<float>(SliceLength);
        ArrayView<float> inputs = SharedMemory.Allocate<float>(SliceLength);
        int threadsOfN = ThreadsOfN(Group.DimX);
        int threadsOfM = ThreadsOfM(Group.DimX);
        int tilesOfN = ((operands.N - 1) / (threadsOfN * RowValues.Count)) + 1;
        int firstN = Grid.IdxX % tilesOfN * threadsOfN * RowValues.Count;
        int firstM = Grid.IdxX / tilesOfN * threadsOfM * RowValues.Count;
        int ownN = Group.IdxX % threadsOfN;
        // Threads beyond the rectangle repeat its last row and write nothing.
        int ownM = IntrinsicMath.Min(Group.IdxX / threadsOfN, threadsOfM - 1);
        RowValues sum0 = default;
        RowValues sum1 = default;
        RowValues sum2 = default;
        RowValues sum3 = default;
        for (int slice = 0; slice < operands.K; slice += SliceColumns)
        {
            LoadWeights(operands, slice, firstN, threadsOfN, weights);
            LoadInputs(operands, slice, firstM, threadsOfM, inputs);
            Group.Barrier();
            for (int column = 0; column < SliceColumns; column++)
            {
                // Threads that follow one another read values that do.
                RowValues weight = RowValues.Load(weights, (column * Pitch(threadsOfN)) + ownN, threadsOfN);
                RowValues input = RowValues.Load(inputs, (column * Pitch(threadsOfM)) + ownM, threadsOfM);
                sum0 = sum0.PlusProduct(weight, input.Row0);
                sum1 = sum1.PlusProduct(weight, input.Row1);
                sum2 = sum2.PlusProduct(weight, input.Row2);
                sum3 = sum3.PlusProduct(weight, input.Row3);
            }

            Group.Barrier();
        }

        if (Group.IdxX >= threadsOfN * threadsOfM)
            return;
        Write(operands, firstM + ownM, firstN + ownN, threadsOfN, sum0);
        Write(operands, firstM + ownM + threadsOfM, firstN + ownN, threadsOfN, sum1);
        Write(operands, firstM + ownM + (2 * threadsOfM), firstN + ownN, threadsOfN, sum2);
        Write(operands, firstM + ownM + (3 * threadsOfM), firstN + ownN, threadsOfN, sum3);
    }

    /// <summary>Threads of a group along the outputs' columns: the weight costs most to bring, so no fewer than along their rows.</summary>
    private static int ThreadsOfN(int groupSize) => groupSize >= 128 ? MaxThreads : groupSize >= 32 ? 8 : groupSize >= 8 ? 4 : groupSize >= 2 ? 2 : 1;

    private static int ThreadsOfM(int groupSize) => IntrinsicMath.Min(groupSize / ThreadsOfN(groupSize), MaxThreads);

    /// <summary>From a column to the next in shared memory: one more than its rows, so that threads that store a row's columns meet no
    /// conflict of banks.</summary>
    private static int Pitch(int threads) => (threads * RowValues.Count) + 1;

    /// <summary>Brings some columns of the weight to shared memory, [column, row]; zeros beyond it.</summary>
    private static void LoadWeights<TOperands>(TOperands operands, int slice, int firstN, int threads, ArrayView<float> weights)
        where TOperands : struct, ITileOperands
    {
        for (int i = Group.IdxX; i < threads * RowValues.Count * SliceColumns; i += Group.DimX)
        {
            int row = firstN + (i / SliceColumns);
            int column = slice + (i % SliceColumns);
            weights[(i % SliceColumns * Pitch(threads)) + (i / SliceColumns)] = row < operands.N && column < operands.K ? operands.Weight(row, column) : 0;
        }
    }

    /// <summary>The same of the inputs.</summary>
    private static void LoadInputs<TOperands>(TOperands operands, int slice, int firstM, int threads, ArrayView<float> inputs)
        where TOperands : struct, ITileOperands
    {
        for (int i = Group.IdxX; i < threads * RowValues.Count * SliceColumns; i += Group.DimX)
        {
            int row = firstM + (i / SliceColumns);
            int column = slice + (i % SliceColumns);
            inputs[(i % SliceColumns * Pitch(threads)) + (i / SliceColumns)] = row < operands.M && column < operands.K ? operands.Input(row, column) : 0;
        }
    }

    private static void Write<TOperands>(TOperands operands, int m, int n, int stride, RowValues sum)
        where TOperands : struct, ITileOperands
    {
        if (m >= operands.M)
            return;
        if (n < operands.N)
            operands.Write(m, n, sum.Row0);
        if (n + stride < operands.N)
            operands.Write(m, n + stride, sum.Row1);
        if (n + (2 * stride) < operands.N)
            operands.Write(m, n + (2 * stride), sum.Row2);
        if (n + (3 * stride) < operands.N)
            operands.Write(m, n + (3 * stride), sum.Row3);
    }
}
