using System.Runtime.InteropServices;
using KBitQuant.Packing;
using KBitQuant.Threading;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>
/// Several input rows (small batch and prefill): a part is one or several panels of 32 weight rows. A slice of its columns is decoded to
/// float once, into the caches, and multiplied with every tile of input rows. Where there is one tile, kernels may do without the panel.
/// </summary>
internal sealed unsafe class RowLaneGemmJob : ParallelJob
{
    private const int PanelRows = RowLaneBlock.PanelRows;
    private const int GroupsPerPanel = PanelRows / RowLaneLayout.Lanes;

    [ThreadStatic]
    private static RowLaneGemmJob? _cached;

    private readonly InputTiles _tiles = new();
    private RowLaneWeight _weight = null!;
    private int _panelsOfPart;
    private float* _y;
    private float* _bias;
    private float[] _segmentSums = [];

    /// <summary>Whether the inputs are one tile and go without panels.</summary>
    private bool IsBatch => _tiles.Count == 1 && _weight.Functions.BatchTall is not null;

    public static void Run(Workers workers, RowLaneWeight weight, float* x, int m, float* y, float* bias)
    {
        RowLaneGemmJob job = _cached ??= new();
        int panels = (weight.Rows + PanelRows - 1) / PanelRows;
        job._weight = weight;
        job._panelsOfPart = weight.Functions.Blocking.PanelsOfPart(panels, m, workers.ThreadCount);
        job._y = y;
        job._bias = bias;
        job._tiles.Pack(workers, x, m, weight.Columns, weight.Functions.Blocking);
        if (job.IsBatch && weight.Store.HasOffsets)
            weight.Store.SumSegments(x, m, ref job._segmentSums);
        workers.Run(job, (panels + job._panelsOfPart - 1) / job._panelsOfPart);
    }

    public override void RunPart(int part)
    {
        RowLaneStore store = _weight.Store;
        int firstPanel = part * _panelsOfPart;
        int firstGroup = firstPanel * GroupsPerPanel;
        int groups = Math.Min(_panelsOfPart * GroupsPerPanel, store.GroupCount - firstGroup);
        int panels = (groups + GroupsPerPanel - 1) / GroupsPerPanel;
        long slicesLength = (long)panels * _weight.Functions.Blocking.SliceLength;
        long sumsLength = panels * _tiles.SumsLength;
        float* slices = RowLaneScratch.Get(slicesLength + sumsLength + store.ScratchLength(groups));
        float* sums = slices + slicesLength;
        RowLaneBlock block = store.BlockOf(firstGroup, groups, sums + sumsLength, true);
        if (IsBatch)
            MultiplyBatch(block, sums);
        else
            MultiplySlices(block, panels, slices, sums);
        for (int panel = 0; panel < panels; panel++)
            RowSums.Store(sums + (panel * _tiles.SumsLength), _tiles.Rows, PanelRows, (firstPanel + panel) * PanelRows, _y, _weight.Rows, _bias);
    }

    /// <summary>The one tile there is, by the one panel of a part with so few rows.</summary>
    private void MultiplyBatch(in RowLaneBlock block, float* sums)
    {
        for (int group = 0; group < GroupsPerPanel; group++)
        {
            float* y = sums + (group * RowLaneLayout.Lanes);
            if (_tiles.IsTall(0))
                _weight.Functions.BatchTall(block, group, _tiles.Tile(0, 0), y);
            else
                _weight.Functions.BatchShort(block, group, _tiles.Tile(0, 0), y);
        }

        if (!_weight.Store.HasOffsets)
            return;
        fixed (float* segmentSums = _segmentSums)
        {
            for (int i = 0; i < _tiles.Rows; i++)
                RowSums.AddOffsets(block, GroupsPerPanel, segmentSums + (i * block.Segments), 1, sums + (i * PanelRows));
        }
    }

    private void MultiplySlices(in RowLaneBlock block, int panels, float* slices, float* sums)
    {
        PanelBlocking blocking = _weight.Functions.Blocking;
        NativeMemory.Clear(sums, (nuint)(panels * _tiles.SumsLength * sizeof(float)));
        for (int column = 0; column < _weight.Columns; column += blocking.SliceColumns)
        {
            int firstUnit = column / RowLaneLayout.UnitColumns, units = _tiles.ColumnsOfSlice(column) / RowLaneLayout.UnitColumns;
            for (int group = 0; group < panels * GroupsPerPanel; group++)
                _weight.Functions.DecodePanel(block, group, firstUnit, units, LanesOf(group, slices, blocking.SliceLength));
            _weight.Functions.MultiplyPanels(_tiles, column, slices, panels, sums);
        }
    }

    /// <summary>Where a group's lanes begin, in the panels of a slice or their sums.</summary>
    private static float* LanesOf(int group, float* panels, long panelLength) =>
        panels + (group / GroupsPerPanel * panelLength) + (group % GroupsPerPanel * RowLaneLayout.Lanes);
}
