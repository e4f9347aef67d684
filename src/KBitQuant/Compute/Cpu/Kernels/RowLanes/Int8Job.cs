using KBitQuant.Packing;
using KBitQuant.Threading;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>
/// Inputs of 8 bits: quantized first, then one row by row groups (decode), a part being a thread's range of them, or several rows by a panel of
/// 32 weight rows a part, of which a slice of columns at a time is decoded to bytes and multiplied with all tiles of input rows.
/// </summary>
internal sealed unsafe class Int8Job : ParallelJob
{
    private const int PanelRows = RowLaneBlock.PanelRows;
    private const int GroupsPerPanel = PanelRows / RowLaneLayout.Lanes;

    /// <summary>Row groups that a thread takes at a time, where one input row meets them.</summary>
    private const int MostGroups = 4;

    /// <summary>Dwords of a slice's levels: 16 KB, in the L1 cache.</summary>
    private const int SliceDwords = Int8Inputs.SliceSteps * PanelRows;

    /// <summary>Input rows of a part whose quantized columns stay in the L2 cache from one slice, and one panel, to the next.</summary>
    private const int ChunkBytes = 512 * 1024;

    [ThreadStatic]
    private static Int8Job? _cached;

    private readonly Int8Inputs _inputs = new();
    private readonly ThreadRanges _ranges = new();
    private Int8Weight _weight = null!;
    private float* _y;
    private float* _bias;
    private int _panels;
    private int _chunkTiles;

    public static void Run(Workers workers, Int8Weight weight, float* x, int m, float* y, float* bias)
    {
        Int8Job job = _cached ??= new();
        job._weight = weight;
        job._y = y;
        job._bias = bias;
        job._inputs.Quantize(workers, x, m, weight);
        if (weight.Functions.TakesFew(m))
        {
            job._ranges.Divide(weight.Store.GroupCount, workers.ThreadCount);
            workers.Run(job, job._ranges.Count);
            return;
        }

        job._panels = (weight.Rows + PanelRows - 1) / PanelRows;
        job._chunkTiles = Math.Max(1, ChunkBytes / (weight.Columns * Int8Inputs.TallRows));
        workers.Run(job, job._panels * ((job._inputs.Tiles + job._chunkTiles - 1) / job._chunkTiles));
    }

    public override void RunPart(int part)
    {
        if (_weight.Functions.TakesFew(_inputs.Rows))
            MultiplyFew(part);
        else
            MultiplyPanel(part % _panels, part / _panels * _chunkTiles);
    }

    private void MultiplyFew(int range)
    {
        RowLaneStore store = _weight.Store;
        // Constants that are decoded ahead hold up the codes behind them: those of one group at a time.
        int most = _weight.Functions.DecodesConstants ? MostGroups : 1;
        float* sums = RowLaneScratch.Get((_inputs.TileRows * most * RowLaneLayout.Lanes) + store.ScratchLength(most));
        while (_ranges.TryTake(range, most, out int first, out int groups))
        {
            int length = groups * RowLaneLayout.Lanes;
            new Span<float>(sums, _inputs.TileRows * length).Clear();
            Int8Block block = _weight.BlockOf(first, groups, sums + (_inputs.TileRows * length), !_weight.Functions.DecodesConstants);
            for (int group = 0; group < groups; group++)
                MultiplyGroup(block, group, sums + (group * RowLaneLayout.Lanes), length);
            AddOffsets(block, 0, _inputs.Rows, groups, length, sums);
            RowSums.Store(sums, _inputs.Rows, length, first * RowLaneLayout.Lanes, _y, _weight.Rows, _bias);
        }
    }

    private void MultiplyGroup(in Int8Block block, int group, float* sums, int stride)
    {
        byte* x = _inputs.Tile(0, 0);
        Int8InputBlock* inputs = _inputs.BlocksOf(0, 0);
        if (_inputs.Rows == 1)
            _weight.Functions.Gemv(block, group, x, inputs, sums);
        else if (_inputs.Rows <= Int8Inputs.TallRows)
            _weight.Functions.GemvFour(block, group, (int*)x, inputs, sums, stride);
        else
            _weight.Functions.GemvFew(block, group, (int*)x, inputs, sums, stride);
    }

    private void MultiplyPanel(int panel, int firstTile)
    {
        RowLaneStore store = _weight.Store;
        int firstGroup = panel * GroupsPerPanel;
        int groups = Math.Min(GroupsPerPanel, store.GroupCount - firstGroup);
        int tiles = Math.Min(_chunkTiles, _inputs.Tiles - firstTile);
        int sumsLength = tiles * Int8Inputs.TallRows * PanelRows;
        int sliceBlocks = _inputs.SliceBlocks;
        int constantsLength = sliceBlocks * PanelRows;
        float* levels = RowLaneScratch.Get(SliceDwords + constantsLength + sumsLength + store.ScratchLength(groups));
        float* constants = levels + SliceDwords;
        float* sums = constants + constantsLength;
        new Span<float>(sums, sumsLength).Clear();
        Int8Block block = _weight.BlockOf(firstGroup, groups, sums + sumsLength, true);
        for (int first = 0; first < _inputs.Blocks; first += sliceBlocks)
        {
            var slice = new Int8Panel
            {
                Levels = (byte*)levels,
                Constants = constants,
                Blocks = Math.Min(sliceBlocks, _inputs.Blocks - first),
                BlockSteps = _inputs.BlockSteps,
            };
            Decode(block, first, slice);
            for (int tile = 0; tile < tiles; tile++)
                _weight.Functions.Multiply4(tile < GroupsPerPanel ? WithNext(slice, block, tile, first + sliceBlocks) : slice, _inputs.Tile(firstTile + tile, first), _inputs.BlocksOf(firstTile + tile, first), sums + (tile * Int8Inputs.TallRows * PanelRows));
        }

        int firstRow = firstTile * Int8Inputs.TallRows;
        int rows = Math.Min(tiles * Int8Inputs.TallRows, _inputs.Rows - firstRow);
        AddOffsets(block, firstRow, rows, groups, PanelRows, sums);
        RowSums.Store(sums, rows, PanelRows, panel * PanelRows, _y + ((long)firstRow * _weight.Rows), _weight.Rows, _bias);
    }

    /// <summary>The first tiles let a group's next codes come: all at once they would hold up what decodes them.</summary>
    private static Int8Panel WithNext(in Int8Panel slice, in Int8Block block, int group, int firstBlock)
    {
        int blockBytes = block.InputBlockUnits * block.Groups.UnitBytes;
        return slice with { Ahead = block.Groups.Codes + block.Groups.GroupBytes(group) + ((long)firstBlock * blockBytes), AheadBytes = blockBytes };
    }

    /// <summary>The levels of some blocks of columns, and their constants.</summary>
    private void Decode(in Int8Block block, int firstBlock, in Int8Panel slice)
    {
        int segmentBlocks = block.SegmentInputBlocks;
        for (int group = 0; group < GroupsPerPanel; group++)
        {
            int lane = group * RowLaneLayout.Lanes;
            _weight.Functions.DecodePanel(block, group, firstBlock * block.InputBlockUnits, slice.Blocks * block.InputBlockUnits, slice.Levels + (lane * sizeof(uint)));
            float* constants = block.Groups.Constants + block.Groups.GroupConstants(group) + ((long)(firstBlock / segmentBlocks) * RowLaneLayout.Lanes);
            // Blocks up to the next segment's constants, counted: a division for each of them takes as long as its levels.
            int left = segmentBlocks - (firstBlock % segmentBlocks);
            for (int i = 0; i < slice.Blocks; i++)
            {
                new ReadOnlySpan<float>(constants, RowLaneLayout.Lanes).CopyTo(new Span<float>(slice.Constants + (i * PanelRows) + lane, RowLaneLayout.Lanes));
                if (--left > 0)
                    continue;
                constants += RowLaneLayout.Lanes;
                left = segmentBlocks;
            }
        }
    }

    /// <summary>sums += the offsets of each block times the sum of its inputs.</summary>
    private void AddOffsets(in Int8Block block, int firstRow, int rows, int groups, int partRows, float* sums)
    {
        if (block.Groups.Offsets is null)
            return;
        for (int i = 0; i < rows; i++, sums += partRows)
            RowSums.AddOffsets(block.Groups, groups, _inputs.BlockSums + ((long)(firstRow + i) * _inputs.Blocks), block.SegmentInputBlocks, sums);
    }
}
