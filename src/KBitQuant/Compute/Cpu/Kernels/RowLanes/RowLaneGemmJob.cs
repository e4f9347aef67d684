using KBitQuant.Packing;
using KBitQuant.Threading;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>
/// Several input rows (small batch and prefill): a part is a panel of 32 weight rows. A slice of its columns is decoded to float once,
/// into the L1 cache, and multiplied with every tile of input rows, 8 or 4 at a time. Where there is one tile, kernels may do without the panel.
/// </summary>
internal sealed unsafe class RowLaneGemmJob : ParallelJob
{
    private const int PanelRows = RowLaneBlock.PanelRows;
    private const int GroupsPerPanel = PanelRows / RowLaneLayout.Lanes;

    /// <summary>Units of a slice: 256 columns of 32 rows are 32 KB.</summary>
    private const int SliceUnits = 8;

    [ThreadStatic]
    private static RowLaneGemmJob? _cached;

    private readonly InputTiles _tiles = new();
    private RowLaneWeight _weight = null!;
    private float* _y;
    private float* _bias;

    public static void Run(Workers workers, RowLaneWeight weight, float* x, int m, float* y, float* bias)
    {
        RowLaneGemmJob job = _cached ??= new();
        job._weight = weight;
        job._y = y;
        job._bias = bias;
        job._tiles.Pack(workers, x, m, weight.Columns);
        workers.Run(job, (weight.Rows + PanelRows - 1) / PanelRows);
    }

    public override void RunPart(int part)
    {
        RowLaneStore store = _weight.Store;
        int firstGroup = part * GroupsPerPanel;
        int groups = Math.Min(GroupsPerPanel, store.GroupCount - firstGroup);
        int units = _weight.Columns / RowLaneLayout.UnitColumns;
        const int PanelLength = SliceUnits * RowLaneLayout.UnitColumns * PanelRows;
        long sumsLength = (long)_tiles.PaddedRows * PanelRows;
        float* panel = RowLaneScratch.Get(PanelLength + sumsLength + store.ScratchLength(groups));
        float* sums = panel + PanelLength;
        RowLaneBlock block = store.BlockOf(firstGroup, groups, sums + sumsLength);
        if (_tiles.PaddedRows <= InputTiles.TallRows && _weight.Functions.Batch8 is not null)
        {
            MultiplyBatch(block, sums);
            RowSums.Store(sums, _tiles.Rows, PanelRows, part * PanelRows, _y, _weight.Rows, _bias);
            return;
        }

        new Span<float>(sums, _tiles.PaddedRows * PanelRows).Clear();
        for (int unit = 0; unit < units; unit += SliceUnits)
        {
            int slice = Math.Min(SliceUnits, units - unit);
            for (int group = 0; group < GroupsPerPanel; group++)
                _weight.Functions.DecodePanel(block, Math.Min(group, groups - 1), unit, slice, panel + (group * RowLaneLayout.Lanes));
            MultiplyTiles(panel, sums, unit * RowLaneLayout.UnitColumns, slice * RowLaneLayout.UnitColumns);
        }

        RowSums.Store(sums, _tiles.Rows, PanelRows, part * PanelRows, _y, _weight.Rows, _bias);
    }

    /// <summary>The one tile there is.</summary>
    private void MultiplyBatch(in RowLaneBlock block, float* sums)
    {
        for (int group = 0; group < GroupsPerPanel; group++)
        {
            float* y = sums + (group * RowLaneLayout.Lanes);
            if (_tiles.PaddedRows == InputTiles.TallRows)
                _weight.Functions.Batch8(block, group, _tiles.Tile(0, 0), y);
            else
                _weight.Functions.Batch4(block, group, _tiles.Tile(0, 0), y);
        }
    }

    private void MultiplyTiles(float* panel, float* sums, int firstColumn, int columns)
    {
        for (int row = 0; row < _tiles.PaddedRows; row += InputTiles.TallRows)
        {
            float* x = _tiles.Tile(row, firstColumn);
            if (_tiles.PaddedRows - row >= InputTiles.TallRows)
                _weight.Functions.Multiply8(panel, x, sums + ((long)row * PanelRows), columns);
            else
                _weight.Functions.Multiply4(panel, x, sums + ((long)row * PanelRows), columns);
        }
    }
}
