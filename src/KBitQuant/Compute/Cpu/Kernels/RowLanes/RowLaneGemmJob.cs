using KBitQuant.Packing;
using KBitQuant.Threading;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>
/// Several input rows (small batch and prefill): a part is a panel of 32 weight rows. A slice of its columns is decoded to float once,
/// into the L1 cache, and multiplied with every tile of input rows, 8 or 4 at a time.
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
        LaneConstants constants = _weight.Constants;
        int groupConstants = constants.Segments * RowLaneLayout.Lanes;
        int firstGroup = part * GroupsPerPanel;
        int groups = Math.Min(GroupsPerPanel, RowLaneLayout.GroupCount(_weight.Rows) - firstGroup);
        long panelLength = SliceUnits * RowLaneLayout.UnitColumns * PanelRows;
        float* panel = RowLaneScratch.Get(panelLength + ((long)_tiles.PaddedRows * PanelRows) + (2L * groups * groupConstants));
        float* sums = panel + panelLength;
        float* constantsOf = sums + ((long)_tiles.PaddedRows * PanelRows);
        float* offsetsOf = constantsOf + (groups * groupConstants);
        for (int group = 0; group < groups; group++)
        {
            constants.Decode(firstGroup + group, new Span<float>(constantsOf + (group * groupConstants), groupConstants));
            if (constants.HasOffsets)
                constants.DecodeOffsets(firstGroup + group, new Span<float>(offsetsOf + (group * groupConstants), groupConstants));
        }

        RowLaneBlock block = _weight.BlockOf(firstGroup, groups, constantsOf, offsetsOf);
        new Span<float>(sums, _tiles.PaddedRows * PanelRows).Clear();
        for (int unit = 0; unit < _weight.Units; unit += SliceUnits)
        {
            int units = Math.Min(SliceUnits, _weight.Units - unit);
            for (int group = 0; group < GroupsPerPanel; group++)
                _weight.Functions.DecodePanel(block, Math.Min(group, groups - 1), unit, units, panel + (group * RowLaneLayout.Lanes));
            MultiplyTiles(panel, sums, unit * RowLaneLayout.UnitColumns, units * RowLaneLayout.UnitColumns);
        }

        StoreSums(sums, part * PanelRows);
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

    private void StoreSums(float* sums, int firstRow)
    {
        int rows = Math.Min(PanelRows, _weight.Rows - firstRow);
        for (int i = 0; i < _tiles.Rows; i++)
        {
            float* y = _y + ((long)i * _weight.Rows) + firstRow;
            for (int row = 0; row < rows; row++)
                y[row] = sums[(i * PanelRows) + row] + (_bias is null ? 0 : _bias[firstRow + row]);
        }
    }
}
