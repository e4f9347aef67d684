using ILGPU;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Decoder.Attention.SingleToken;

/// <summary>The end of <see cref="AttentionStepKernel"/>: from the sums of warps, and then of groups, to outputs. A warp has a row, a lane four elements of
/// it; a lane weighs the sums of one warp or group for all.</summary>
internal static class AttentionStepResult
{
    /// <summary>Floats that a group leaves.</summary>
    public const int ShareLength = Rows * RowLength;

    private const int Rows = AttentionStepKernel.Rows;
    private const int HeadSize = AttentionStepKernel.HeadSize;
    private const int Warps = AttentionStepKernel.Warps;

    /// <summary>Sums, the largest score and the sum of weights, in whole chunks of four.</summary>
    private const int RowLength = HeadSize + 4;

    /// <summary>Adds the sums of the group's warps and writes outputs, or leaves both to the last group to finish, which adds those of
    /// all.</summary>
    /// <param name="arguments">The kernel's.</param>
    /// <param name="place">The group's.</param>
    /// <param name="sums">Shared memory: [warp][row][element].</param>
    /// <param name="totals">Shared memory: largest score and sum of weights, [warp][row], and room for a number.</param>
    /// <param name="thread">The thread.</param>
    public static void Write(AttentionStepArguments arguments, AttentionPlace place, uint sums, uint totals, int thread)
    {
        int row = thread >> 5;
        int lane = thread & 31;
        Words2 own = PtxMemory.LoadShared2(totals + (uint)((((lane & (Warps - 1)) * Rows) + row) * 8));
        Weighed weighed = Weigh(Interop.IntAsFloat(own.X), Interop.IntAsFloat(own.Y), isOfAllLanes: false);
        uint at = sums + ((uint)row * AttentionSums.RowBytes) + (uint)(lane * 16);
        Floats4 sum = PlusFourWarps(PlusFourWarps(default, at, weighed.Weight, 0), at, weighed.Weight, 4);
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
            float factor = 1 / weighed.Total;
            PtxMemory.Store2(
                arguments.Outputs + ((((long)query * HeadSize) + AttentionSums.ElementOf(lane)) * 2),
                PtxBits.RoundToHalves(sum.X * factor, sum.Y * factor),
                PtxBits.RoundToHalves(sum.Z * factor, sum.W * factor));
        }
    }

    /// <summary>What each lane's sums are multiplied with to be added, and the sum of all weights, over eight lanes or all.</summary>
    private static Weighed Weigh(float largest, float total, bool isOfAllLanes)
    {
        float ofAll = IntrinsicMath.Max(largest, PtxBits.ExchangeLanes(largest, 1));
        ofAll = IntrinsicMath.Max(ofAll, PtxBits.ExchangeLanes(ofAll, 2));
        ofAll = IntrinsicMath.Max(ofAll, PtxBits.ExchangeLanes(ofAll, 4));
        if (isOfAllLanes)
        {
            ofAll = IntrinsicMath.Max(ofAll, PtxBits.ExchangeLanes(ofAll, 8));
            ofAll = IntrinsicMath.Max(ofAll, PtxBits.ExchangeLanes(ofAll, 16));
        }

        float weight = PtxBits.ExpOf2(largest - ofAll);
        total *= weight;
        total += PtxBits.ExchangeLanes(total, 1);
        total += PtxBits.ExchangeLanes(total, 2);
        total += PtxBits.ExchangeLanes(total, 4);
        if (isOfAllLanes)
        {
            total += PtxBits.ExchangeLanes(total, 8);
            total += PtxBits.ExchangeLanes(total, 16);
        }

        return new() { Largest = ofAll, Weight = weight, Total = total };
    }

    /// <summary>Adds the sums of four warps, all of them asked for at once.</summary>
    private static Floats4 PlusFourWarps(Floats4 sum, uint at, float weight, int warp)
    {
        const uint Step = Rows * AttentionSums.RowBytes;
        at += (uint)warp * Step;
        Floats4 first = PtxMemory.LoadSharedFloats4(at);
        Floats4 second = PtxMemory.LoadSharedFloats4(at + Step);
        Floats4 third = PtxMemory.LoadSharedFloats4(at + (2 * Step));
        Floats4 fourth = PtxMemory.LoadSharedFloats4(at + (3 * Step));
        sum = PlusProduct(PlusProduct(sum, first, PtxLanes.Read(weight, warp)), second, PtxLanes.Read(weight, warp + 1));
        return PlusProduct(PlusProduct(sum, third, PtxLanes.Read(weight, warp + 2)), fourth, PtxLanes.Read(weight, warp + 3));
    }

    private static Floats4 PlusProduct(Floats4 sum, Floats4 values, float weight) => new()
    {
        X = sum.X + (values.X * weight),
        Y = sum.Y + (values.Y * weight),
        Z = sum.Z + (values.Z * weight),
        W = sum.W + (values.W * weight),
    };

    private static void Leave(AttentionStepArguments arguments, int rowGroup, int split, Weighed weighed, Floats4 sum, int thread)
    {
        int lane = thread & 31;
        long at = ShareAt(arguments, rowGroup, split, thread >> 5);
        PtxMemory.StoreFloats4(at + (lane * 16), sum);
        if (lane == 0)
            PtxMemory.Store2(at + (HeadSize * sizeof(float)), Interop.FloatAsInt(weighed.Largest), Interop.FloatAsInt(weighed.Total));
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
    private static Weighed AddShares(AttentionStepArguments arguments, int rowGroup, int shares, int thread, out Floats4 sum)
    {
        int row = thread >> 5;
        int lane = thread & 31;
        long own = ShareAt(arguments, rowGroup, IntrinsicMath.Min(lane, shares - 1), row) + (HeadSize * sizeof(float));
        long at = ShareAt(arguments, rowGroup, 0, row) + (lane * 16);
        float largest = PtxMemory.LoadFloat(own);
        float total = PtxMemory.LoadFloat(own + 4);
        // Lanes past the last share have its largest score, and no weight.
        Weighed weighed = Weigh(largest, lane < shares ? total : 0, isOfAllLanes: true);
        float weight = lane < shares ? weighed.Weight : 0;
        sum = default;
        for (int share = 0; share < shares; share += 4)
            sum = PlusFourShares(sum, at, weight, share, shares - 1);
        return weighed;
    }

    /// <summary>Adds the sums of four shares, all of them asked for at once; the last one stands for those past it.</summary>
    private static Floats4 PlusFourShares(Floats4 sum, long at, float weight, int share, int last)
    {
        const long Step = ShareLength * sizeof(float);
        Floats4 first = PtxMemory.LoadFloats4(at + (share * Step));
        Floats4 second = PtxMemory.LoadFloats4(at + (IntrinsicMath.Min(share + 1, last) * Step));
        Floats4 third = PtxMemory.LoadFloats4(at + (IntrinsicMath.Min(share + 2, last) * Step));
        Floats4 fourth = PtxMemory.LoadFloats4(at + (IntrinsicMath.Min(share + 3, last) * Step));
        sum = PlusProduct(PlusProduct(sum, first, PtxLanes.Read(weight, share)), second, PtxLanes.Read(weight, share + 1));
        return PlusProduct(PlusProduct(sum, third, PtxLanes.Read(weight, share + 2)), fourth, PtxLanes.Read(weight, share + 3));
    }

    private static long ShareAt(AttentionStepArguments arguments, int rowGroup, int split, int row) =>
        arguments.Partials + ((((((long)rowGroup * arguments.Splits) + split) * Rows) + row) * (RowLength * (long)sizeof(float)));

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
