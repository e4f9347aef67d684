using ILGPU;

namespace KBitQuant.Compute.Gpu.Decoder;

/// <summary>The end of <see cref="AttentionKernel"/>: from a group's sums to outputs.</summary>
internal static class AttentionResult
{
    /// <summary>Below every score, and finite: a difference of two of them is a number.</summary>
    public const float Masked = -1e30f;

    private const int Rows = RowValues.Count;

    /// <summary>Divides the sums by the sums of weights, or leaves both for the last group to finish, which adds those of all.</summary>
    /// <param name="arguments">The kernel's parameter.</param>
    /// <param name="head">The key and value head.</param>
    /// <param name="firstRow">The group's first query row.</param>
    /// <param name="rowGroup">Which rows and head.</param>
    /// <param name="split">Which share of the positions.</param>
    /// <param name="shares">How many shares there are.</param>
    /// <param name="sums">[2, rows, head size].</param>
    /// <param name="totals">The sums of weights, [2, rows].</param>
    /// <param name="largest">The largest scores, [rows].</param>
    public static void Store<TPlatform>(
        AttentionArguments arguments, int head, int firstRow, int rowGroup, int split, int shares, ArrayView<float> sums,
        ArrayView<float> totals, ArrayView<float> largest)
        where TPlatform : struct, IGpuPlatform
    {
        int size = arguments.HeadSize;
        int length = AttentionArguments.PartialLength(size);
        long first = (long)rowGroup * arguments.Splits * Rows * length;
        int rows = IntrinsicMath.Min(Rows, (arguments.Tokens * (arguments.HeadCount / arguments.KeyValueHeadCount)) - firstRow);
        for (int i = Group.IdxX; i < rows * size; i += Group.DimX)
        {
            int row = i / size;
            int d = i % size;
            float sum = sums[i] + sums[(Rows * size) + i];
            float total = totals[row] + totals[Rows + row];
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

        if (shares == 1 || !IsLast(arguments, rowGroup, shares))
            return;
        for (int i = Group.IdxX; i < rows * size; i += Group.DimX)
        {
            long partial = first + (i / size * length);
            arguments.Outputs[arguments.StartOf(head, firstRow + (i / size)) + (i % size)] =
                default(TPlatform).Round(Combine<TPlatform>(arguments.Partials, partial, Rows * length, shares, size, i % size));
        }
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

    private static float Combine<TPlatform>(ArrayView<float> partials, long first, int stride, int shares, int size, int d)
        where TPlatform : struct, IGpuPlatform
    {
        float largest = Masked;
        for (int share = 0; share < shares; share++)
            largest = IntrinsicMath.Max(largest, partials[first + ((long)share * stride) + size]);
        float sum = 0;
        float total = 0;
        for (int share = 0; share < shares; share++)
        {
            long at = first + ((long)share * stride);
            float weight = default(TPlatform).Exp(partials[at + size] - largest);
            sum += weight * partials[at + d];
            total += weight * partials[at + size + 1];
        }

        return sum / total;
    }
}
