using System.Numerics.Tensors;
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
        if (weight.Constants.HasOffsets)
            job.SumSegments();
        workers.Run(job, (weight.Rows + RowsPerPart - 1) / RowsPerPart);
    }

    public override void RunPart(int part)
    {
        LaneConstants constants = _weight.Constants;
        int firstGroup = part * GroupsPerPart;
        int groups = Math.Min(GroupsPerPart, RowLaneLayout.GroupCount(_weight.Rows) - firstGroup);
        int groupConstants = constants.Segments * RowLaneLayout.Lanes;
        float* scratch = RowLaneScratch.Get((2L * groups * groupConstants) + RowsPerPart);
        float* offsets = scratch + (groups * groupConstants);
        float* sums = offsets + (groups * groupConstants);
        for (int group = 0; group < groups; group++)
        {
            constants.Decode(firstGroup + group, new Span<float>(scratch + (group * groupConstants), groupConstants));
            if (constants.HasOffsets)
                constants.DecodeOffsets(firstGroup + group, new Span<float>(offsets + (group * groupConstants), groupConstants));
        }

        fixed (float* segmentSums = _segmentSums)
            _weight.Functions.Gemv(_weight.BlockOf(firstGroup, groups, scratch, offsets), _x, segmentSums, sums);
        int firstRow = part * RowsPerPart;
        for (int row = firstRow; row < Math.Min(firstRow + RowsPerPart, _weight.Rows); row++)
            _y[row] = sums[row - firstRow] + (_bias is null ? 0 : _bias[row]);
    }

    /// <summary>An offset multiplies the sum of its segment's inputs.</summary>
    private void SumSegments()
    {
        int columns = _weight.Constants.SegmentColumns;
        if (_segmentSums.Length < _weight.Constants.Segments)
            _segmentSums = new float[_weight.Constants.Segments];
        for (int segment = 0; segment < _weight.Constants.Segments; segment++)
            _segmentSums[segment] = TensorPrimitives.Sum(new ReadOnlySpan<float>(_x + ((long)segment * columns), columns));
    }
}
