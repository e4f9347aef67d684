using ILGPU;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Columns;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Constants;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Tables;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda;

/// <summary>
/// y = x W^T for batches. A group computes 256 weight rows, 32 in each warp, by some input rows, which all of its warps share through
/// shared memory: a value that has been looked up is multiplied with every input row of the group. Where there are too few such tiles
/// for the GPU, the groups of a cluster divide the columns among them and add their sums through each other's shared memory, in
/// the order of the columns: the same bits on every run.
/// </summary>
internal static class BatchKernel<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement, TColumns, TSums>
    where TCodes : unmanaged
    where TFormat : struct, ICodeFormat<TCodes>
    where TLookup : struct, ITableLookup
    where TRaw : unmanaged
    where TConstants : struct, ITileConstants<TRaw>
    where TOffsets : struct, ITileConstants<TRaw>
    where TElement : struct, ITensorElement
    where TColumns : struct, IColumns<TSums>
    where TSums : unmanaged
{
    public static void Run(DecodeArguments arguments)
    {
        TColumns columns = default;
        int thread = Group.IdxX;
        int lane = thread & 31;
        int rank = arguments.ClusterSize == 1 ? 0 : PtxGrid.RankInCluster();
        int firstUnit = (Grid.IdxX / arguments.ClusterSize * BatchGroup.Units) + (thread / 32 * 2);
        // Warps beyond the last rows compute what others do, and do not write it.
        long first = (long)IntrinsicMath.Min(firstUnit, arguments.PaddedUnits - 2) * arguments.Slices;
        int slice = arguments.Slices * rank / arguments.ClusterSize;
        int end = arguments.Slices * (rank + 1) / arguments.ClusterSize;
        Slice<TCodes, TRaw> weight0 = Load(arguments, first + slice, lane);
        Slice<TCodes, TRaw> weight1 = Load(arguments, first + arguments.Slices + slice, lane);
        uint shared = PtxMemory.DynamicShared();
        default(TLookup).Fill(arguments.Table, shared, thread, BatchGroup.Size);
        uint table = shared + default(TLookup).LaneOffset(lane) - PtxMemory.SharedStart;
        int firstRow = Grid.IdxY * columns.Count;
        // Up to here the weight alone was read, which no kernel writes.
        PtxGrid.LetNextBegin();
        PtxGrid.WaitForPrevious();
        BatchGroup.BeginCopy(arguments, BatchGroup.Stage(shared, slice, columns.Count), slice, firstRow, columns.Count, thread);
        PtxMemory.EndBatch();
        if (slice + 1 < end)
            BatchGroup.BeginCopy(arguments, BatchGroup.Stage(shared, slice + 1, columns.Count), slice + 1, firstRow, columns.Count, thread);
        PtxMemory.EndBatch();
        TSums sums = default;
        for (; slice < end; slice++)
        {
            PtxMemory.AwaitAllButLast();
            PtxGrid.Barrier();
            if (slice + 2 < end)
                BatchGroup.BeginCopy(arguments, BatchGroup.Stage(shared, slice + 2, columns.Count), slice + 2, firstRow, columns.Count, thread);
            PtxMemory.EndBatch();
            uint x = BatchGroup.Stage(shared, slice, columns.Count) + LaneInputs(lane);
            sums = AddSlice(arguments, weight0, weight1, first + slice, x, lane, table, sums);
            int next = IntrinsicMath.Min(slice + 1, end - 1);
            weight0 = Load(arguments, first + next, lane);
            weight1 = Load(arguments, first + arguments.Slices + next, lane);
        }

        PtxGrid.Barrier();
        columns.Store(sums, shared + (uint)(((lane & 3) * 2 * BatchGroup.OutputPitch) + (((thread / 32 * 32) + (lane >> 2)) * sizeof(float))));
        Await(arguments);
        BatchGroup.Reduce<TElement>(
            arguments, shared, rank, firstRow, columns.Count, (Grid.IdxX / arguments.ClusterSize * BatchGroup.Rows) + thread);
        Await(arguments);
    }

    private static void Await(DecodeArguments arguments)
    {
        if (arguments.ClusterSize == 1)
            PtxGrid.Barrier();
        else
            PtxGrid.ClusterBarrier();
    }

    private static Slice<TCodes, TRaw> Load(DecodeArguments arguments, long index, int lane) =>
        SliceProduct<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement>.Load(arguments, index, lane);

    /// <summary>Where lane 4g + t finds input row g, columns 8t on, in a stage: in the second 64 bytes where g is odd.</summary>
    private static uint LaneInputs(int lane) => (uint)((lane / 4 * BatchGroup.RowBytes) + (lane % 4 * 16) + (lane / 4 % 2 * 64));

    /// <summary>The products over a slice's four chunks.</summary>
    private static TSums AddSlice(
        DecodeArguments arguments, Slice<TCodes, TRaw> weight0, Slice<TCodes, TRaw> weight1, long index, uint x, int lane, uint table, TSums sums)
    {
        TFormat format = default;
        TOffsets offsets = default;
        long at = SliceProduct<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement>.ConstantIndex(index, lane);
        long at0 = arguments.Offsets + (at * offsets.Size);
        long at1 = at0 + ((long)arguments.Slices * 2 * PackedLayout.TileConstants * offsets.Size);
        int secondTile = PackedLayout.TileConstants * offsets.Size;
        sums = AddTile(
            arguments, format.FirstTileLow(weight0.Codes), format.FirstTileHigh(weight0.Codes), format.FirstTileLow(weight1.Codes),
            format.FirstTileHigh(weight1.Codes), weight0.FirstConstants, weight1.FirstConstants, at0, at1, x, lane, table, sums);
        return AddTile(
            arguments, format.SecondTileLow(weight0.Codes), format.SecondTileHigh(weight0.Codes), format.SecondTileLow(weight1.Codes),
            format.SecondTileHigh(weight1.Codes), weight0.SecondConstants, weight1.SecondConstants, at0 + secondTile, at1 + secondTile,
            x + (BatchGroup.RowBytes / 2), lane, table, sums);
    }

    private static TSums AddTile(
        DecodeArguments arguments, Symbols low0, Symbols high0, Symbols low1, Symbols high1, TRaw constants0, TRaw constants1, long at0, long at1, uint x,
        int lane, uint table, TSums sums)
    {
        TColumns columns = default;
        TLookup lookup = default;
        TConstants constants = default;
        TOffsets offsets = default;
        TRaw offsets0 = offsets.Load(at0);
        TRaw offsets1 = offsets.Load(at1);
        // The other 64 bytes: before these where g is odd.
        uint other = x + 64 - (uint)(lane / 4 % 2 * 128);
        var first = new WeightChunk
        {
            FirstLow = lookup.FirstChunk(low0, table),
            FirstHigh = lookup.FirstChunk(high0, table),
            SecondLow = lookup.FirstChunk(low1, table),
            SecondHigh = lookup.FirstChunk(high1, table),
            FirstConstants = constants.FirstChunk(constants0),
            SecondConstants = constants.FirstChunk(constants1),
            FirstOffsets = offsets.FirstChunk(offsets0),
            SecondOffsets = offsets.FirstChunk(offsets1),
        };
        sums = columns.Add(sums, columns.Prepare(first, arguments), x, other);
        var second = new WeightChunk
        {
            FirstLow = lookup.SecondChunk(low0, table),
            FirstHigh = lookup.SecondChunk(high0, table),
            SecondLow = lookup.SecondChunk(low1, table),
            SecondHigh = lookup.SecondChunk(high1, table),
            FirstConstants = constants.SecondChunk(constants0),
            SecondConstants = constants.SecondChunk(constants1),
            FirstOffsets = offsets.SecondChunk(offsets0),
            SecondOffsets = offsets.SecondChunk(offsets1),
        };
        return columns.Add(sums, columns.Prepare(second, arguments), x + 128, other + 128);
    }
}
