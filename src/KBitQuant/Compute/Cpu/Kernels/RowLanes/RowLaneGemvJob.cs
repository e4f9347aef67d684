using KBitQuant.Packing;
using KBitQuant.Threading;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>One input row (decode): a part is four row groups, whose codes are read once.</summary>
internal sealed unsafe class RowLaneGemvJob : ParallelJob
{
    private const int GroupsPerPart = 4;
    private const int RowsPerPart = GroupsPerPart * RowLaneLayout.Lanes;

    [ThreadStatic]
    private static RowLaneGemvJob? _cached;

    private RowLaneWeight _weight = null!;
    private float* _x;
    private float* _y;
    private float* _bias;
    private float[] _segmentSums = [];

    public static void Run(Workers workers, RowLaneWeight weight, float* x, float* y, float* bias)
    {
        RowLaneGemvJob job = _cached ??= new();
        job._weight = weight;
        job._x = x;
        job._y = y;
        job._bias = bias;
        if (weight.Store.HasOffsets)
            weight.Store.SumSegments(x, 1, ref job._segmentSums);
        workers.Run(job, (weight.Rows + RowsPerPart - 1) / RowsPerPart);
    }

    public override void RunPart(int part)
    {
        RowLaneStore store = _weight.Store;
        int firstGroup = part * GroupsPerPart;
        int groups = Math.Min(GroupsPerPart, store.GroupCount - firstGroup);
        float* sums = RowLaneScratch.Get(RowsPerPart + store.ScratchLength(groups));
        new Span<float>(sums, RowsPerPart).Clear();
        RowLaneBlock block = store.BlockOf(firstGroup, groups, sums + RowsPerPart);
        _weight.Functions.Gemv(block, _x, sums);
        if (store.HasOffsets)
        {
            fixed (float* segmentSums = _segmentSums)
                RowSums.AddOffsets(block, groups, segmentSums, 1, sums);
        }

        RowSums.Store(sums, 1, RowsPerPart, part * RowsPerPart, _y, _weight.Rows, _bias);
    }
}
