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

    /// <summary>Columns decoded at a time: 16 KB of bytes, in the L1 cache.</summary>
    private const int SliceColumns = 512;

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
        job._inputs.Quantize(workers, x, m, weight);
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
        _weight.Functions.Gemv(block, _inputs.Row(0), _inputs.BlocksOf(0), sums);
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
        int blockLength = _weight.InputBlockColumns * PanelRows / sizeof(float);
        const int PanelLength = SliceColumns * PanelRows / sizeof(float);
        float* panel = RowLaneScratch.Get(PanelLength + sumsLength + store.ScratchLength(groups));
        float* sums = panel + PanelLength;
        new Span<float>(sums, checked((int)sumsLength)).Clear();
        Int8Block block = _weight.BlockOf(firstGroup, groups, sums + sumsLength);
        int sliceBlocks = SliceColumns / _weight.InputBlockColumns;
        for (int first = 0; first < block.InputBlocks; first += sliceBlocks)
        {
            int count = Math.Min(sliceBlocks, block.InputBlocks - first);
            for (int group = 0; group < GroupsPerPanel; group++)
            {
                for (int i = 0; i < count; i++)
                    _weight.Functions.DecodePanel(block, group, first + i, (byte*)(panel + (i * blockLength) + (group * RowLaneLayout.Lanes)));
            }

            for (int row = 0; row < _inputs.Rows; row += TileRows)
                _weight.Functions.Multiply4(block, first, count, (byte*)panel, _inputs, row, sums + ((long)row * PanelRows));
        }

        RowSums.Store(sums, _inputs.Rows, PanelRows, part * PanelRows, _y, _weight.Rows, _bias);
    }
}
