using ILGPU;
using KBitQuant.Compute.Gpu.Kernels.Platforms;

namespace KBitQuant.Compute.Gpu.Decoder.Attention;

/// <summary>The end of <see cref="AttentionKernel"/>: from a group's sums to outputs.</summary>
internal static class AttentionResult
{
    /// <summary>Below every score, and finite: a difference of two of them is a number.</summary>
    public const float Masked = -1e30f;

    /// <summary>Into so many parts are the positions of a tile divided for the sums of values.</summary>
    public const int Parts = 4;

    private const int Rows = RowValues.Count;

    /// <summary>Divides the sums by the sums of weights, or leaves both for the last group to finish, which adds those of all.</summary>
    /// <param name="arguments">The kernel's parameter.</param>
    /// <param name="head">The key and value head.</param>
    /// <param name="firstRow">The group's first query row.</param>
    /// <param name="rowGroup">Which rows and head.</param>
    /// <param name="split">Which share of the positions.</param>
    /// <param name="shares">How many shares there are.</param>
    /// <param name="sums">[parts, rows, head size].</param>
    /// <param name="totals">The sums of weights, [rows].</param>
    /// <param name="largest">The largest scores, [rows].</param>
    public static void Store<TPlatform>(
        AttentionArguments arguments, int head, int firstRow, int rowGroup, int split, int shares, ArrayView<float> sums,
        ArrayView<float> totals, ArrayView<float> largest)
        where TPlatform : struct, IGpuPlatform
    {
        int size = arguments.Heads.HeadSize;
        int length = AttentionArguments.PartialLength(size);
        long first = (long)rowGroup * arguments.Splits * Rows * length;
        int rows = IntrinsicMath.Min(Rows, arguments.RowCount - firstRow);
        for (int i = Group.IdxX; i < rows * size; i += Group.DimX)
        {
            int row = i / size;
            int d = i % size;
            float sum = 0;
            for (int part = 0; part < Parts; part++)
                sum += sums[(part * Rows * size) + i];
            float total = totals[row];

            if (shares == 1)
            {
                arguments.Outputs[arguments.StartOf(head, firstRow + row) + d] = default(TPlatform).Round(sum / total);
                continue;
            }

            long partial = first + (((split * Rows) + row) * length);
            arguments.Partials[partial + d] = sum;
            if (d == 0)
            {
                arguments.Partials[partial + size] = largest[row];
                arguments.Partials[partial + size + 1] = total;
            }
        }

        if (shares > 1 && IsLast(arguments, rowGroup, shares))
            Combine<TPlatform>(arguments, head, firstRow, first, rows, shares);
    }

    /// <summary>Whether all other groups of the rows have finished; called by all threads.</summary>
    private static bool IsLast(AttentionArguments arguments, int rowGroup, int shares)
    {
        ArrayView<int> finished = SharedMemory.Allocate<int>(1);
        // What this group wrote is seen by whoever counts it.
        MemoryFence.DeviceLevel();
        Group.Barrier();
        if (Group.IdxX == 0)
        {
            finished[0] = Atomic.Add(ref arguments.Finished[rowGroup], 1);
            if (finished[0] == shares - 1)
                arguments.Finished[rowGroup] = 0;
        }

        Group.Barrier();
        MemoryFence.DeviceLevel();
        return finished[0] == shares - 1;
    }

    /// <summary>Adds what the groups of all shares have left.</summary>
    private static void Combine<TPlatform>(AttentionArguments arguments, int head, int firstRow, long first, int rows, int shares)
        where TPlatform : struct, IGpuPlatform
    {
        ArrayView<float> weights = SharedMemory.Allocate<float>((AttentionArguments.MaxSplits + (2 * RowValues.Count)) * Rows);
        ArrayView<float> totals = SharedMemory.Allocate<float>(AttentionArguments.MaxSplits * Rows);
        int size = arguments.Heads.HeadSize;
        int length = AttentionArguments.PartialLength(size);
        WeighShares<TPlatform>(arguments, first, rows, shares, weights, totals);
        int stride = Rows * length;
        ArrayView<float> partials = arguments.Partials.SubView(first, (long)shares * stride);
        for (int i = Group.IdxX; i < rows * size; i += Group.DimX)
        {
            int row = i / size;
            int start = (row * length) + (i % size);
            int last = start + ((shares - 1) * stride);
            RowValues sum = default;
            float total = 0;
            for (int share = 0; share < shares; share += 2 * RowValues.Count)
            {
                int at = start + (share * stride);
                RowValues lower = RowValues.LoadUpTo(partials, at, stride, last);
                RowValues upper = RowValues.LoadUpTo(partials, IntrinsicMath.Min(at + (RowValues.Count * stride), last), stride, last);
                int weight = (share * Rows) + row;
                sum = sum.PlusProduct(lower.Times(RowValues.Load(weights, weight, Rows)), 1);
                sum = sum.PlusProduct(upper.Times(RowValues.Load(weights, weight + (RowValues.Count * Rows), Rows)), 1);
            }

            for (int share = 0; share < shares; share++)
                total += weights[(share * Rows) + row] * totals[(share * Rows) + row];
            arguments.Outputs[arguments.StartOf(head, firstRow + row) + (i % size)] =
                default(TPlatform).Round((sum.Row0 + sum.Row1 + (sum.Row2 + sum.Row3)) / total);
        }
    }

    /// <summary>What the sums of each share and row are multiplied with to be added, and the sums of weights.</summary>
    private static void WeighShares<TPlatform>(
        AttentionArguments arguments, long first, int rows, int shares, ArrayView<float> weights, ArrayView<float> totals)
        where TPlatform : struct, IGpuPlatform
    {
        ArrayView<float> maxima = SharedMemory.Allocate<float>(AttentionArguments.MaxSplits * Rows);
        int size = arguments.Heads.HeadSize;
        int length = AttentionArguments.PartialLength(size);
        for (int i = Group.IdxX; i < shares * Rows; i += Group.DimX)
        {
            bool exists = i % Rows < rows;
            maxima[i] = exists ? arguments.Partials[first + ((long)i * length) + size] : Masked;
            totals[i] = exists ? arguments.Partials[first + ((long)i * length) + size + 1] : 0;
        }

        Group.Barrier();
        for (int i = Group.IdxX; i < (shares + (2 * RowValues.Count)) * Rows; i += Group.DimX)
        {
            float largest = Masked;
            for (int share = 0; share < shares; share++)
                largest = IntrinsicMath.Max(largest, maxima[(share * Rows) + (i % Rows)]);
            // Zeros past the last share, so that reads of eight may begin at each.
            weights[i] = i < shares * Rows ? default(TPlatform).Exp(maxima[i] - largest) : 0;
        }

        Group.Barrier();
    }
}
