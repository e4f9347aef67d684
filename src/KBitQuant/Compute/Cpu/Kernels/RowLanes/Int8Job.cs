using KBitQuant.Packing;
using KBitQuant.Threading;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>
/// Inputs of 8 bits: quantized first, then one row by four row groups a part (decode), or several rows by a panel of 32 weight rows a part,
/// of which a block of columns at a time is decoded to bytes and multiplied with all input rows, four at a time.
/// </summary>
internal sealed unsafe class Int8Job : ParallelJob
{
    private const int PanelRows = RowLaneBlock.PanelRows;
    private const int GroupsPerPanel = PanelRows / RowLaneLayout.Lanes;
    private const int GroupsPerGemvPart = 4;
    private const int RowsPerGemvPart = GroupsPerGemvPart * RowLaneLayout.Lanes;
    private const int TileRows = 4;

    [ThreadStatic]
    private static Int8Job? _cached;

    private readonly Int8Inputs _inputs = new();
    private Int8Weight _weight = null!;
    private float* _y;
    private float* _bias;

    public static void Run(Workers workers, Int8Weight weight, float* x, int m, float* y, float* bias)
    {
        Int8Job job = _cached ??= new();
        job._weight = weight;
        job._y = y;
        job._bias = bias;
        job._inputs.Quantize(workers, x, m, weight.Columns, weight.InputBlockColumns, weight.Functions.TakesWords);
        int rowsPerPart = m == 1 ? RowsPerGemvPart : PanelRows;
        workers.Run(job, (weight.Rows + rowsPerPart - 1) / rowsPerPart);
    }

    public override void RunPart(int part)
    {
        if (_inputs.Rows == 1)
            MultiplyRow(part);
        else
            MultiplyPanel(part);
    }

    private void MultiplyRow(int part)
    {
        RowLaneStore store = _weight.Store;
        int firstGroup = part * GroupsPerGemvPart;
        int groups = Math.Min(GroupsPerGemvPart, store.GroupCount - firstGroup);
        float* sums = RowLaneScratch.Get(RowsPerGemvPart + store.ScratchLength(groups));
        Int8Block block = _weight.BlockOf(firstGroup, groups, sums + RowsPerGemvPart);
        _weight.Functions.Gemv(block, _inputs.Row(0), _inputs.Scales(0), _inputs.Sums(0), sums);
        RowSums.Store(sums, 1, RowsPerGemvPart, part * RowsPerGemvPart, _y, _weight.Rows, _bias);
    }

    private void MultiplyPanel(int part)
    {
        RowLaneStore store = _weight.Store;
        int firstGroup = part * GroupsPerPanel;
        int groups = Math.Min(GroupsPerPanel, store.GroupCount - firstGroup);
        int paddedRows = (_inputs.Rows + TileRows - 1) / TileRows * TileRows;
        long sumsLength = (long)paddedRows * PanelRows;
        // Levels are bytes: a quarter of a float each.
        int panelLength = _weight.InputBlockColumns * PanelRows / sizeof(float);
        float* panel = RowLaneScratch.Get(panelLength + sumsLength + store.ScratchLength(groups));
        float* sums = panel + panelLength;
        new Span<float>(sums, checked((int)sumsLength)).Clear();
        Int8Block block = _weight.BlockOf(firstGroup, groups, sums + sumsLength);
        for (int inputBlock = 0; inputBlock < block.InputBlocks; inputBlock++)
        {
            for (int group = 0; group < GroupsPerPanel; group++)
                _weight.Functions.DecodePanel(block, group, inputBlock, (byte*)(panel + (group * RowLaneLayout.Lanes)));
            for (int row = 0; row < _inputs.Rows; row += TileRows)
                _weight.Functions.Multiply4(block, inputBlock, (byte*)panel, _inputs, row, sums + ((long)row * PanelRows));
        }

        RowSums.Store(sums, _inputs.Rows, PanelRows, part * PanelRows, _y, _weight.Rows, _bias);
    }
}
