using KBitQuant.Packing;
using KBitQuant.Threading;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>One input row (decode), or few: row groups as many as the inner loop takes at once, whose codes are read once. A part is a thread's
/// range of them.</summary>
internal sealed unsafe class RowLaneGemvJob : ParallelJob
{
    private const int MostGroups = 4;
    private const int MostRows = MostGroups * RowLaneLayout.Lanes;

    [ThreadStatic]
    private static RowLaneGemvJob? _cached;

    private readonly ThreadRanges _ranges = new();
    private RowLaneWeight _weight = null!;
    private int _groupsAtOnce;
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
        job._groupsAtOnce = m == 1 ? weight.Functions.GemvGroups : MostGroups;
        job._ranges.Divide((weight.Store.GroupCount + job._groupsAtOnce - 1) / job._groupsAtOnce, workers.ThreadCount);
        workers.Run(job, job._ranges.Count);
    }

    public override void RunPart(int part)
    {
        float* sums = RowLaneScratch.Get(SumsLength + _weight.Store.ScratchLength(_groupsAtOnce));
        while (_ranges.TryTake(part, out int number))
            Multiply(number * _groupsAtOnce, sums);
    }

    /// <summary>The products of some row groups with all input rows.</summary>
    private void Multiply(int firstGroup, float* sums)
    {
        RowLaneStore store = _weight.Store;
        int groups = Math.Min(_groupsAtOnce, store.GroupCount - firstGroup);
        new Span<float>(sums, SumsLength).Clear();
        RowLaneBlock block = store.BlockOf(firstGroup, groups, sums + SumsLength, _m > 1 || !_weight.Functions.DecodesConstants);
        if (_m == 1)
            _weight.Functions.Gemv(block, _x, sums);
        for (int row = 0; _m > 1 && row < _m; row += _weight.Functions.FewRows)
            _weight.Functions.GemvFew(block, _x + ((long)row * _weight.Columns), sums + (row * MostRows));
        for (int row = 0; store.HasOffsets && row < _m; row++)
        {
            fixed (float* segmentSums = &_segmentSums[row * store.Segments])
                RowSums.AddOffsets(block, groups, segmentSums, 1, sums + (row * MostRows));
        }

        RowSums.Store(sums, _m, _groupsAtOnce * RowLaneLayout.Lanes, firstGroup * RowLaneLayout.Lanes, _y, _weight.Rows, _bias);
    }

    private int SumsLength => PaddedRows * MostRows;

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
