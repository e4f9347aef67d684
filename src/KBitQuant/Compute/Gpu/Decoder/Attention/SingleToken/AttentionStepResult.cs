using ILGPU;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Decoder.Attention.SingleToken;

/// <summary>The end of <see cref="AttentionStepKernel"/>: from the sums of warps, and then of groups, to outputs. A warp has a row, a lane four elements of
/// it; a lane weighs the sums of one warp or group for all.</summary>
/// <remarks>Where groups share positions, there are no more of them than multiprocessors: all run at the same time, and one may wait for the others. It waits for the words themselves,
/// each of which is <see cref="Missing"/> until it is there: no flag, no fence. All lanes of a warp wait until all have theirs.</remarks>
internal static class AttentionStepResult
{
    /// <summary>Floats that a group leaves.</summary>
    public const int ShareLength = Rows * RowLength;

    /// <summary>Bytes of them.</summary>
    public const long ShareBytes = ShareLength * sizeof(float);

    private const int Rows = AttentionStepKernel.Rows;
    private const int HeadSize = AttentionStepKernel.HeadSize;
    private const int Warps = AttentionStepKernel.Warps;

    /// <summary>Sums, the largest score and the sum of weights, in whole chunks of four.</summary>
    private const int RowLength = HeadSize + 4;

    /// <summary>What stands for a word that is not there yet: a NaN that no arithmetic gives.</summary>
    public const uint Missing = uint.MaxValue;

    /// <summary>Adds the sums of the group's warps and writes outputs. Where groups share the positions, the one with the token adds what the others leave, as it
    /// comes.</summary>
    /// <param name="arguments">The kernel's.</param>
    /// <param name="place">The group's.</param>
    /// <param name="sums">Shared memory: [warp][row][element].</param>
    /// <param name="totals">Shared memory: largest score and sum of weights, [warp][row].</param>
    /// <param name="thread">The thread.</param>
    public static void Write(AttentionStepArguments arguments, AttentionPlace place, uint sums, uint totals, int thread)
    {
        int row = thread >> 5;
        int lane = thread & 31;
        if (place.FirstRow + row >= arguments.QueriesPerKey)
            return;
        Words2 own = PtxMemory.LoadShared2(totals + (uint)((((lane & (Warps - 1)) * Rows) + row) * 8));
        Weighed weighed = Weigh(Interop.IntAsFloat(own.X), Interop.IntAsFloat(own.Y), isOfAllLanes: false);
        uint at = sums + ((uint)row * AttentionSums.RowBytes) + (uint)(lane * 16);
        Floats4 sum = PlusFourWarps(PlusFourWarps(default, at, weighed.Weight, 0), at, weighed.Weight, 4);
        if (place.Shares > 1)
        {
            if (!place.HasToken)
            {
                Leave(arguments, place, weighed, sum, thread);
                return;
            }

            weighed = AddShares(arguments, place, weighed, sum, thread, out sum);
        }

        int query = (place.Head * arguments.QueriesPerKey) + place.FirstRow + row;
        float factor = 1 / weighed.Total;
        PtxMemory.Store2(
            arguments.Outputs + ((((long)query * HeadSize) + AttentionSums.ElementOf(lane)) * 2),
            PtxBits.RoundToHalves(sum.X * factor, sum.Y * factor),
            PtxBits.RoundToHalves(sum.Z * factor, sum.W * factor));
        if (place.Shares > 1)
            Forget(arguments, place, thread);
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

    /// <summary>sum + values * weight.</summary>
    public static Floats4 PlusProduct(Floats4 sum, Floats4 values, float weight) => new()
    {
        X = sum.X + (values.X * weight),
        Y = sum.Y + (values.Y * weight),
        Z = sum.Z + (values.Z * weight),
        W = sum.W + (values.W * weight),
    };

    private static void Leave(AttentionStepArguments arguments, AttentionPlace place, Weighed weighed, Floats4 sum, int thread)
    {
        int lane = thread & 31;
        long at = ShareAt(arguments, place.RowGroup, place.Split, thread >> 5);
        PtxMemory.StoreForOthers4(at + (lane * 16), new()
        {
            X = Interop.FloatAsInt(sum.X),
            Y = Interop.FloatAsInt(sum.Y),
            Z = Interop.FloatAsInt(sum.Z),
            W = Interop.FloatAsInt(sum.W),
        });
        if (lane == 0)
            PtxMemory.StoreForOthers4(at + (HeadSize * sizeof(float)), new() { X = Interop.FloatAsInt(weighed.Largest), Y = Interop.FloatAsInt(weighed.Total) });
    }

    /// <summary>Sets what was added to <see cref="Missing"/>, for the next launch.</summary>
    private static void Forget(AttentionStepArguments arguments, AttentionPlace place, int thread)
    {
        int lane = thread & 31;
        var missing = new Words4 { X = Missing, Y = Missing, Z = Missing, W = Missing };
        for (int share = 0; share < place.Shares - 1; share++)
        {
            long at = ShareAt(arguments, place.RowGroup, share, thread >> 5);
            PtxMemory.StoreForOthers4(at + (lane * 16), missing);
            if (lane == 0)
                PtxMemory.StoreForOthers4(at + (HeadSize * sizeof(float)), missing);
        }
    }

    /// <summary>Adds what the groups of the other shares leave, in their order, and then the own sums.</summary>
    private static Weighed AddShares(AttentionStepArguments arguments, AttentionPlace place, Weighed own, Floats4 ownSum, int thread, out Floats4 sum)
    {
        int row = thread >> 5;
        int lane = thread & 31;
        int last = place.Shares - 2;
        long scores = ShareAt(arguments, place.RowGroup, IntrinsicMath.Min(lane, last), row) + (HeadSize * sizeof(float));
        long at = ShareAt(arguments, place.RowGroup, 0, row) + (lane * 16);
        Words4 score;
        EightShares eight;
        do
        {
            score = PtxMemory.LoadOfOthers4(scores);
            eight = EightShares.Load(at, 0, last);
        }
        while (PtxLanes.Largest(IntrinsicMath.Max(IntrinsicMath.Max(score.X, score.Y), eight.Largest)) == Missing);
        // Lanes past the last share have its largest score, and no weight.
        bool isOther = lane <= last;
        Weighed weighed = Weigh(
            isOther ? Interop.IntAsFloat(score.X) : own.Largest, isOther ? Interop.IntAsFloat(score.Y) : lane == last + 1 ? own.Total : 0, isOfAllLanes: true);
        float weight = isOther ? weighed.Weight : 0;
        sum = eight.AddTo(default, weight, 0);
        for (int share = EightShares.Count; share <= last; share += EightShares.Count)
        {
            do
                eight = EightShares.Load(at, share, last);
            while (PtxLanes.Largest(eight.Largest) == Missing);
            sum = eight.AddTo(sum, weight, share);
        }

        sum = PlusProduct(sum, ownSum, PtxLanes.Read(weighed.Weight, last + 1));
        return weighed;
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
