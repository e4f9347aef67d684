using ILGPU;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Constants;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Tables;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Warpgroups;

/// <summary>
/// y = x W^T for batches on the tensor cores of architecture 90. A warpgroup computes 64 weight rows, 16 in each warp, by all of its
/// group's input rows, over some of the columns: values are looked up, constants multiplied in, and multiplied from registers with
/// inputs in shared memory. While the tensor cores are at 32 columns, the warps decode the next ones. The warpgroups of a part share
/// their inputs; parts, and the groups of a cluster, divide the columns among them and in the end add their sums, in a fixed order: the
/// same bits on every run.
/// </summary>
internal static class WarpgroupBatchKernel<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement, TColumns, TStrips>
    where TCodes : unmanaged
    where TFormat : struct, ICodeFormat<TCodes>
    where TLookup : struct, ITableLookup
    where TRaw : unmanaged
    where TConstants : struct, ITileConstants<TRaw>
    where TOffsets : struct, ITileConstants<TRaw>
    where TElement : struct, ITensorElement
    where TColumns : struct, IWarpgroupColumns
    where TStrips : struct, IStrips
{
    private static int SliceBytes => default(TFormat).Bits * PackedLayout.SliceBytesPerBit;

    /// <summary>Whether registers allow to load a slice as soon as the one before is begun, rather than half-way through it.</summary>
    private static bool IsEarly => default(TColumns).Count <= 32 && default(TFormat).Bits <= 4;

    private static int SliceConstants => 2 * PackedLayout.TileConstants;

    public static void Run(DecodeArguments arguments)
    {
        TColumns columns = default;
        var place = BatchPlace.Own(arguments, columns.Count);
        int firstUnit = place.Tile * default(TStrips).Count * WarpgroupBatch.WarpgroupUnits;
        // Warps beyond the last rows compute what others do, and do not write it.
        int index = place.FirstIndex(arguments, IntrinsicMath.Min(firstUnit + place.Warp, arguments.PaddedUnits - 1));
        long codes = arguments.Codes + ((long)index * SliceBytes) + (place.Lane * 16);
        long constants = ((long)index * SliceConstants) + ((place.Lane >> 2) * 4);
        Slice<TCodes, TRaw> weight = Load(arguments, codes, constants);
        uint shared = PtxMemory.DynamicShared();
        default(TLookup).Fill(arguments.Table, shared, (Group.IdxY * Group.DimX) + Group.IdxX, Group.DimX * Group.DimY);
        // Up to here the weight alone was read, which no kernel writes.
        PtxGrid.LetNextBegin();
        PtxGrid.WaitForPrevious();
        Multiply(arguments, place, shared, codes, constants, weight);
        PtxGrid.Barrier();
        End(arguments, shared, place.ClusterPart, firstUnit * PackedLayout.UnitRows, place.FirstRow);
    }

    /// <summary>The products over the part's slices, of which the first one has been loaded.</summary>
    private static void Multiply(DecodeArguments arguments, BatchPlace place, uint shared, long codes, long constants, Slice<TCodes, TRaw> weight)
    {
        TColumns columns = default;
        int slice = place.Slice;
        int end = place.End;
        uint table = shared + default(TLookup).LaneOffset(place.Lane) - PtxMemory.SharedStart;
        // The same for all of a warp, as the compiler then sees.
        uint stage = PtxBits.FirstLane(WarpgroupBatch.Stage(shared, Group.IdxY, columns.Count));
        uint other = stage + (uint)WarpgroupBatch.StageBytes(columns.Count);
        int rows = IntrinsicMath.Min(columns.Count, arguments.M - place.FirstRow) - WarpgroupInputs<TColumns, TStrips>.Row();
        var inputs = WarpgroupInputs<TColumns, TStrips>.At(arguments, place.FirstRow, slice);
        inputs = CopyFirst(arguments, inputs, stage, slice < end ? rows : 0);
        PtxGrid.Barrier();
        columns.Clear();
        for (; slice < end; slice++)
        {
            bool hasNext = slice + 1 < end;
            PtxMemory.ShowToTensorCores();
            PtxGrid.Barrier(Group.IdxY + 1, default(TStrips).Count * WarpgroupBatch.WarpgroupSize);
            int rowsLeft = inputs.RowsLeft(rows, hasNext);
            ChunkInputs first = inputs.Load(arguments, 0, rowsLeft);
            ChunkInputs second = inputs.Load(arguments, 1, rowsLeft);
            long offsetsAt = arguments.Offsets + (constants * default(TOffsets).Size);
            codes += hasNext ? SliceBytes : 0;
            constants += hasNext ? SliceConstants : 0;
            Slice<TCodes, TRaw> next = default;
            if (IsEarly)
                next = Load(arguments, codes, constants);
            PtxGrid.WarpBarrier();
            TRaw offsets = default(TOffsets).Load(offsetsAt);
            FirstChunk(arguments, default(TFormat).FirstTileLow(weight.Codes), default(TFormat).FirstTileHigh(weight.Codes), weight.FirstConstants, offsets, stage, table);
            inputs.Store(0, first, other);
            first = inputs.Load(arguments, 2, rowsLeft);
            PtxGrid.WarpBarrier();
            SecondChunk(arguments, default(TFormat).FirstTileLow(weight.Codes), default(TFormat).FirstTileHigh(weight.Codes), weight.FirstConstants, offsets, stage, table);
            inputs.Store(1, second, other);
            second = inputs.Load(arguments, 3, rowsLeft);
            // While the second tile is decoded, the next slice is on its way.
            Symbols low = default(TFormat).SecondTileLow(weight.Codes);
            Symbols high = default(TFormat).SecondTileHigh(weight.Codes);
            TRaw scales = weight.SecondConstants;
            offsets = default(TOffsets).Load(offsetsAt + (PackedLayout.TileConstants * default(TOffsets).Size));
            weight = IsEarly ? next : Load(arguments, codes, constants);
            PtxGrid.WarpBarrier();
            uint tile = stage + (uint)(2 * columns.Count * WarpgroupBatch.RowBytes);
            FirstChunk(arguments, low, high, scales, offsets, tile, table);
            inputs.Store(2, first, other);
            SecondChunk(arguments, low, high, scales, offsets, tile, table);
            inputs.Store(3, second, other);
            inputs = inputs.Next();
            uint used = stage;
            stage = other;
            other = used;
            PtxWarpgroup.AwaitAll();
        }
    }

    private static Slice<TCodes, TRaw> Load(DecodeArguments arguments, long codes, long constants)
    {
        long at = arguments.Constants + (constants * default(TConstants).Size);
        return new()
        {
            Codes = default(TFormat).Load(codes),
            FirstConstants = default(TConstants).Load(at),
            SecondConstants = default(TConstants).Load(at + (PackedLayout.TileConstants * default(TConstants).Size)),
        };
    }

    private static WarpgroupInputs<TColumns, TStrips> CopyFirst(DecodeArguments arguments, WarpgroupInputs<TColumns, TStrips> inputs, uint stage, int rows)
    {
        int rowsLeft = inputs.RowsLeft(rows, isWanted: true);
        ChunkInputs first = inputs.Load(arguments, 0, rowsLeft);
        ChunkInputs second = inputs.Load(arguments, 1, rowsLeft);
        ChunkInputs third = inputs.Load(arguments, 2, rowsLeft);
        ChunkInputs fourth = inputs.Load(arguments, 3, rowsLeft);
        inputs.Store(0, first, stage);
        inputs.Store(1, second, stage);
        inputs.Store(2, third, stage);
        inputs.Store(3, fourth, stage);
        return inputs.Next();
    }

    private static void FirstChunk(DecodeArguments arguments, Symbols low, Symbols high, TRaw constants, TRaw offsets, uint stage, uint table)
    {
        TLookup lookup = default;
        RowScale scale = Scales(arguments, default(TConstants).FirstChunk(constants), default(TOffsets).FirstChunk(offsets));
        uint x = PtxWarpgroup.DescriptorLow(stage);
        Multiply(lookup.FirstQuarter(low, table), lookup.FirstQuarter(high, table), scale, x);
        Multiply(lookup.SecondQuarter(low, table), lookup.SecondQuarter(high, table), scale, x + (2 * (uint)PtxWarpgroup.Step));
    }

    private static void SecondChunk(DecodeArguments arguments, Symbols low, Symbols high, TRaw constants, TRaw offsets, uint stage, uint table)
    {
        TLookup lookup = default;
        RowScale scale = Scales(arguments, default(TConstants).SecondChunk(constants), default(TOffsets).SecondChunk(offsets));
        uint x = PtxWarpgroup.DescriptorLow(stage + (uint)(default(TColumns).Count * WarpgroupBatch.RowBytes));
        Multiply(lookup.ThirdQuarter(low, table), lookup.ThirdQuarter(high, table), scale, x);
        Multiply(lookup.FourthQuarter(low, table), lookup.FourthQuarter(high, table), scale, x + (2 * (uint)PtxWarpgroup.Step));
    }

    private static RowScale Scales(DecodeArguments arguments, Floats2 constants, Floats2 offsets)
    {
        TElement element = default;
        return new()
        {
            LowFactor = element.Twice(constants.X * arguments.ConstantScale),
            HighFactor = element.Twice(constants.Y * arguments.ConstantScale),
            LowTerm = default(TOffsets).Size == 0 ? 0 : element.Twice(offsets.X * arguments.OffsetScale),
            HighTerm = default(TOffsets).Size == 0 ? 0 : element.Twice(offsets.Y * arguments.OffsetScale),
        };
    }

    /// <summary>Begins the products over 32 columns, and waits for those before.</summary>
    private static void Multiply(Words4 low, Words4 high, RowScale scale, uint x)
    {
        TColumns columns = default;
        low = Fragments<TElement>.Scale(low, scale.LowFactor, scale.LowTerm);
        high = Fragments<TElement>.Scale(high, scale.HighFactor, scale.HighTerm);
        PtxWarpgroup.Fence();
        columns.Multiply<TElement>(Fragments<TElement>.Join(low.Low, high.Low), x);
        columns.Multiply<TElement>(Fragments<TElement>.Join(low.High, high.High), x + (uint)PtxWarpgroup.Step);
        PtxWarpgroup.EndBatch();
        PtxWarpgroup.AwaitAllButLast();
    }

    /// <summary>Adds what the parts have, and writes the outputs.</summary>
    private static void End(DecodeArguments arguments, uint shared, int clusterPart, int firstN, int firstRow)
    {
        TColumns columns = default;
        int lane = Group.IdxX & 31;
        int pitch = WarpgroupBatch.SumPitch(default(TStrips).Count);
        int row = ((Group.IdxX >> 5) * PackedLayout.UnitRows) + (lane >> 2);
        columns.Store(shared + (uint)((((Group.IdxY * columns.Count) + ((lane & 3) * 2)) * pitch) + (row * sizeof(float))), (uint)pitch);
        BatchPlace.Await(arguments);
        // Twice as many threads as rows.
        int rows = default(TStrips).Count * WarpgroupBatch.WarpgroupRows;
        int half = Group.IdxX >= rows ? 1 : 0;
        row = Group.IdxX - (half * rows);
        var outputs = new BatchGroup.OutputRows
        {
            Start = firstRow,
            Count = columns.Count,
            First = (clusterPart * 2) + half,
            Step = Group.DimY * arguments.ClusterSize * 2,
        };
        BatchGroup.Reduce<TElement>(arguments, shared, pitch, outputs, row, firstN + row);
        BatchPlace.Await(arguments);
    }

    /// <summary>What values of rows g (low) and g + 8 (high) are multiplied with, and what is added, each twice.</summary>
    private struct RowScale
    {
        public uint LowFactor;
        public uint HighFactor;
        public uint LowTerm;
        public uint HighTerm;
    }
}
