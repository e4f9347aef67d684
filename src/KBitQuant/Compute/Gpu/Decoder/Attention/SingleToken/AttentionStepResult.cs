using ILGPU;
using KBitQuant.Compute.Gpu.Kernels.Platforms;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Decoder.Attention.SingleToken;

/// <summary>The end of <see cref="AttentionStepKernel"/>: from the sums of warps, and then of groups, to outputs. A thread has a row and
/// an element; its warp has one row, so that a lane can weigh the sums of one warp or group for all.</summary>
internal static class AttentionStepResult
{
    private const int Rows = RowValues.Count;
    private const int HeadSize = AttentionStepKernel.HeadSize;
    private const int HeadShift = AttentionStepKernel.HeadShift;
    private const int Warps = AttentionStepKernel.GroupSize / 32;
    private const int RowLength = HeadSize + 2;

    /// <summary>Adds the sums of the group's warps and writes outputs, or leaves both to the last group to finish, which adds those of
    /// all.</summary>
    /// <param name="arguments">The kernel's.</param>
    /// <param name="sums">Shared memory: [warp][row][element].</param>
    /// <param name="totals">Shared memory: largest score and sum of weights, [warp][row], and room for a number.</param>
    /// <param name="place">The key and value head, the first row, both together, the share of positions, and how many there are.</param>
    /// <param name="thread">The thread.</param>
    public static void Write(
        AttentionStepArguments arguments, uint sums, uint totals, (int Head, int FirstRow, int RowGroup, int Split, int Shares) place, int thread)
    {
        int row = thread >> HeadShift;
        int element = thread & (HeadSize - 1);
        uint own = totals + (uint)((((thread & (Warps - 1)) * Rows) + row) * 8);
        // Each warp's twice.
        Weighed weighed = Weigh(PtxMemory.LoadSharedFloat(own), PtxMemory.LoadSharedFloat(own + 4), (thread & 31) < Warps);
        float sum = 0;
        for (int warp = 0; warp < Warps; warp++)
            sum += PtxMemory.LoadSharedFloat(sums + (uint)(((((warp * Rows) + row) * HeadSize) + element) * sizeof(float))) * PtxLanes.Read(weighed.Weight, warp);
        if (place.Shares > 1)
        {
            Leave(arguments, place.RowGroup, place.Split, weighed, sum, thread);
            if (!IsLast(arguments, place.RowGroup, place.Shares, totals + (Warps * Rows * 8), thread))
                return;
            weighed = AddShares(arguments, place.RowGroup, place.Shares, thread, out sum);
        }

        if (place.FirstRow + row < arguments.QueriesPerKey)
        {
            int query = (place.Head * arguments.QueriesPerKey) + place.FirstRow + row;
            PtxMemory.StoreShort(arguments.Outputs + ((((long)query * HeadSize) + element) * 2), PtxBits.RoundToHalf(sum / weighed.Total));
        }
    }

    /// <summary>What each lane's sums are multiplied with to be added, and the sum of all weights.</summary>
    private static Weighed Weigh(float largest, float total, bool exists)
    {
        float ofAll = default(CudaPlatform).MaxLanes(exists ? largest : AttentionResult.Masked, 1);
        float weight = exists ? default(CudaPlatform).Exp(largest - ofAll) : 0;
        return new() { Largest = ofAll, Weight = weight, Total = default(CudaPlatform).AddLanes(exists ? total * weight : 0, 1) };
    }

    private static void Leave(AttentionStepArguments arguments, int rowGroup, int split, Weighed weighed, float sum, int thread)
    {
        int element = thread & (HeadSize - 1);
        long at = ShareAt(arguments, rowGroup, split, thread >> HeadShift);
        PtxMemory.StoreFloat(at + (element * sizeof(float)), sum);
        if (element == 0)
        {
            PtxMemory.StoreFloat(at + (HeadSize * sizeof(float)), weighed.Largest);
            PtxMemory.StoreFloat(at + ((HeadSize + 1) * sizeof(float)), weighed.Total);
        }
    }

    /// <summary>Whether all other groups of the rows have finished; called by all threads.</summary>
    private static bool IsLast(AttentionStepArguments arguments, int rowGroup, int shares, uint result, int thread)
    {
        PtxGrid.Barrier();
        if (thread == 0)
        {
            long finished = arguments.Finished + (rowGroup * (long)sizeof(int));
            uint before = PtxMemory.AddReleaseAndAcquire(finished, 1);
            PtxMemory.StoreShared(result, before);
            if (before == shares - 1)
                PtxMemory.Store(finished, 0);
        }

        PtxGrid.Barrier();
        return PtxMemory.LoadShared(result) == shares - 1;
    }

    /// <summary>Adds what the groups of all shares have left.</summary>
    private static Weighed AddShares(AttentionStepArguments arguments, int rowGroup, int shares, int thread, out float sum)
    {
        int row = thread >> HeadShift;
        int lane = thread & 31;
        long own = ShareAt(arguments, rowGroup, IntrinsicMath.Min(lane, shares - 1), row) + (HeadSize * sizeof(float));
        long at = ShareAt(arguments, rowGroup, 0, row) + ((thread & (HeadSize - 1)) * sizeof(float));
        float largest = PtxMemory.LoadFloat(own);
        float total = PtxMemory.LoadFloat(own + 4);
        Floats4 four = FourShares(at, 0, shares);
        Weighed weighed = Weigh(largest, total, lane < shares);
        sum = 0;
        for (int share = 0; ;)
        {
            sum += (four.X * PtxLanes.Read(weighed.Weight, share)) + (four.Y * PtxLanes.Read(weighed.Weight, share + 1));
            sum += (four.Z * PtxLanes.Read(weighed.Weight, share + 2)) + (four.W * PtxLanes.Read(weighed.Weight, share + 3));
            share += 4;
            if (share >= shares)
                return weighed;
            four = FourShares(at, share, shares);
        }
    }

    /// <summary>The sums of four shares; the last one stands for those past it, with a weight of zero.</summary>
    private static Floats4 FourShares(long at, int share, int shares)
    {
        const long Step = Rows * RowLength * sizeof(float);
        return new()
        {
            X = PtxMemory.LoadFloat(at + (share * Step)),
            Y = PtxMemory.LoadFloat(at + (IntrinsicMath.Min(share + 1, shares - 1) * Step)),
            Z = PtxMemory.LoadFloat(at + (IntrinsicMath.Min(share + 2, shares - 1) * Step)),
            W = PtxMemory.LoadFloat(at + (IntrinsicMath.Min(share + 3, shares - 1) * Step)),
        };
    }

    private static long ShareAt(AttentionStepArguments arguments, int rowGroup, int split, int row) =>
        arguments.Partials + (((((((long)rowGroup * arguments.Splits) + split) * Rows) + row) * RowLength) * sizeof(float));

    /// <summary>Weights of sums that are added.</summary>
    private struct Weighed
    {
        /// <summary>The largest score of all.</summary>
        public float Largest;

        /// <summary>The lane's.</summary>
        public float Weight;

        /// <summary>The sum of weights of all.</summary>
        public float Total;
    }
}
