using KBitQuant.Packing;
using KBitQuant.Threading;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>One input row (decode), or few: a part is four row groups, whose codes are read once.</summary>
internal sealed unsafe class RowLaneGemvJob : ParallelJob
{
    private const int GroupsPerPart = 4;
    private const int RowsPerPart = GroupsPerPart * RowLaneLayout.Lanes;

    [ThreadStatic]
    private static RowLaneGemvJob? _cached;

    private RowLaneWeight _weight = null!;
    private ThreadRanges _parts;
    private int _m;
    private float* _x;
    private float* _y;
    private float* _bias;
    private float[] _segmentSums = [];
    private AlignedBuffer<float> _arranged = new(0);

    public static void Run(Workers workers, RowLaneWeight weight, float* x, int m, float* y, float* bias)
    {
        RowLaneGemvJob job = _cached ??= new();
        job._weight = weight;
        job._m = m;
        job._x = x;
        job._y = y;
        job._bias = bias;
        if (weight.Store.HasOffsets)
            weight.Store.SumSegments(x, m, ref job._segmentSums);
        if (m > 1 || weight.Functions.ArrangesOne)
            job.ArrangeInputs();
        job._parts = new ThreadRanges((weight.Rows + RowsPerPart - 1) / RowsPerPart, workers.ThreadCount);
        workers.Run(job, job._parts.Count);
    }

    public override void RunPart(int part)
    {
        RowLaneStore store = _weight.Store;
        part = _parts.PlaceOf(part);
        int firstGroup = part * GroupsPerPart;
        int groups = Math.Min(GroupsPerPart, store.GroupCount - firstGroup);
        // Constants decoded at a time: memory rests until the codes are asked for again.
        int groupsAtOnce = _m == 1 ? _weight.Functions.GemvGroups : GroupsPerPart;
        int sumsLength = PaddedRows * RowsPerPart;
        float* sums = RowLaneScratch.Get(sumsLength + store.ScratchLength(groupsAtOnce));
        new Span<float>(sums, sumsLength).Clear();
        for (int group = 0; group < groups; group += groupsAtOnce)
            Multiply(firstGroup + group, Math.Min(groupsAtOnce, groups - group), sums + (group * RowLaneLayout.Lanes), sums + sumsLength);
        RowSums.Store(sums, _m, RowsPerPart, part * RowsPerPart, _y, _weight.Rows, _bias);
    }

    /// <summary>The products of some row groups with all input rows.</summary>
    private void Multiply(int firstGroup, int groups, float* sums, float* scratch)
    {
        RowLaneStore store = _weight.Store;
        store.PrefetchConstants(firstGroup + GroupsPerPart, groups);
        RowLaneBlock block = store.BlockOf(firstGroup, groups, scratch);
        if (_m == 1)
            _weight.Functions.Gemv(block, _x, sums);
        for (int row = 0; _m > 1 && row < _m; row += _weight.Functions.FewRows)
            _weight.Functions.GemvFew(block, _x + ((long)row * _weight.Columns), sums + (row * RowsPerPart));
        for (int row = 0; store.HasOffsets && row < _m; row++)
        {
            fixed (float* segmentSums = &_segmentSums[row * store.Segments])
                RowSums.AddOffsets(block, groups, segmentSums, 1, sums + (row * RowsPerPart));
        }
    }

    private int PaddedRows => _m == 1 ? 1 : (_m + _weight.Functions.FewRows - 1) / _weight.Functions.FewRows * _weight.Functions.FewRows;

    /// <summary>Inputs as the inner loop takes them, side by side where they are several. The rows that fill up are whatever was there:
    /// nobody reads their sums.</summary>
    private void ArrangeInputs()
    {
        int columns = _weight.Columns;
        int rowsOfTile = _m == 1 ? 1 : _weight.Functions.FewRows;
        long length = (long)PaddedRows * columns;
        if (_arranged.Length < length)
        {
            _arranged.Free();
            _arranged = new AlignedBuffer<float>(length);
        }

        for (int row = 0; row < _m; row++)
        {
            int inTile = row % rowsOfTile;
            float* to = _arranged.Pointer + ((long)(row - inTile) * columns) + (inTile * RowLaneLayout.QuadColumns);
            _weight.Functions.ArrangeInputs(_x + ((long)row * columns), columns, to, rowsOfTile);
        }

        _x = _arranged.Pointer;
    }
}
