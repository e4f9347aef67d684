using ILGPU;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Columns;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Constants;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Tables;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda;

/// <summary>
/// y = x W^T for batches. A warp computes 32 weight rows by all of its group's input rows, over some of the columns: a value that has
/// been looked up is multiplied with every input row. The warps of a part share their inputs through shared memory; parts, and the
/// groups of a cluster, divide the columns among them and in the end add their sums, in a fixed order: the same bits on every run.
/// </summary>
internal static class BatchKernel<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement, TIsScaled, TColumns, TSums>
    where TCodes : unmanaged
    where TFormat : struct, ICodeFormat<TCodes>
    where TLookup : struct, ITableLookup
    where TRaw : unmanaged
    where TConstants : struct, ITileConstants<TRaw>
    where TOffsets : struct, ITileConstants<TRaw>
    where TElement : struct, ITensorElement
    where TIsScaled : struct, IFlag
    where TColumns : struct, IColumns<TSums>
    where TSums : unmanaged
{
    public static void Run(DecodeArguments arguments)
    {
        TColumns columns = default;
        var place = BatchPlace.Own(arguments, columns.Count);
        int groupStrip = (place.Tile * arguments.Strips) + place.Warp;
        // Warps beyond the last rows compute what others do, and do not write it.
        int unit = IntrinsicMath.Min(groupStrip * BatchGroup.WarpUnits, arguments.PaddedUnits - BatchGroup.WarpUnits);
        int index = place.FirstIndex(arguments, unit);
        long codes = PackedSlice<TCodes, TFormat, TRaw, TConstants>.BatchCodes(arguments, index, place.Lane);
        long constants = PackedSlice<TCodes, TFormat, TRaw, TConstants>.Constants(arguments, index, place.Lane);
        Slice<TCodes, TRaw> weight0 = Load(codes, constants);
        Slice<TCodes, TRaw> weight1 = LoadSecond(arguments, codes, constants);
        uint shared = PtxMemory.DynamicShared();
        default(TLookup).Fill(arguments.Table, shared, (Group.IdxY * Group.DimX) + Group.IdxX, Group.DimX * Group.DimY);
        // Up to here the weight alone was read, which no kernel writes.
        PtxGrid.LetNextBegin();
        PtxGrid.WaitForPrevious();
        TSums sums = Multiply(arguments, place, shared, codes, constants, weight0, weight1, unit);
        PtxMemory.AwaitAll();
        PtxGrid.Barrier();
        int pitch = BatchGroup.SumPitch(arguments.Strips);
        int row = (place.Warp * BatchGroup.WarpRows) + (place.Lane >> 2);
        columns.Store(sums, shared + (uint)((((Group.IdxY * columns.Count) + ((place.Lane & 3) * 2)) * pitch) + (row * sizeof(float))), pitch);
        BatchPlace.Await(arguments);
        var outputs = new BatchGroup.OutputRows
        {
            Start = place.FirstRow,
            Count = columns.Count,
            First = place.ClusterPart,
            Step = Group.DimY * arguments.ClusterSize,
        };
        BatchGroup.Reduce<TElement>(arguments, shared, pitch, outputs, Group.IdxX, (groupStrip * BatchGroup.WarpRows) + place.Lane);
        BatchPlace.Await(arguments);
    }

    /// <summary>The products over the part's slices, of which the first one has been loaded.</summary>
    private static TSums Multiply(
        DecodeArguments arguments, BatchPlace place, uint shared, long codes, long constants, Slice<TCodes, TRaw> weight0, Slice<TCodes, TRaw> weight1, int unit)
    {
        TColumns columns = default;
        int lane = place.Lane;
        int slice = place.Slice;
        int end = place.End;
        int first = unit * arguments.Slices;
        uint table = shared + default(TLookup).LaneOffset(lane) - PtxMemory.SharedStart;
        uint stage0 = shared + (uint)(DecodeGroup.TableBytes + (Group.IdxY * BatchGroup.Stages * columns.Count * BatchGroup.RowBytes));
        uint stage1 = stage0 + (uint)(columns.Count * BatchGroup.RowBytes);
        uint stage2 = stage1 + (uint)(columns.Count * BatchGroup.RowBytes);
        int rows = IntrinsicMath.Min(columns.Count, arguments.M - place.FirstRow) - BatchGroup.CopyRow(place.Warp, lane);
        BatchGroup.InputCopy copy = BatchGroup.PlanCopy(arguments, place.Warp, lane, place.FirstRow, slice * 2);
        if (slice < end)
        {
            copy = BatchGroup.BeginCopy(arguments, copy, stage0, slice * 2, rows);
            copy = BatchGroup.BeginCopy(arguments, copy, stage1, (slice * 2) + 1, rows);
        }

        PtxGrid.Barrier();
        uint x = BatchGroup.LaneInputs(lane, default(TLookup).HasPairs);
        TSums sums = default;
        for (; slice < end; slice++)
        {
            bool hasNext = slice + 1 < end;
            int nextRows = hasNext ? rows : 0;
            AwaitInputs();
            copy = BatchGroup.BeginCopy(arguments, copy, stage2, (slice * 2) + 2, nextRows);
            sums = AddFirstTile(arguments, weight0, weight1, first + slice, stage0 + x, lane, table, sums);
            AwaitInputs();
            copy = BatchGroup.BeginCopy(arguments, copy, stage0, (slice * 2) + 3, nextRows);
            sums = AddSecondTile(arguments, weight0, weight1, first + slice, stage1 + x, lane, table, sums);
            codes += hasNext ? PackedSlice<TCodes, TFormat, TRaw, TConstants>.CodeBytes : 0;
            constants += hasNext ? PackedSlice<TCodes, TFormat, TRaw, TConstants>.ConstantBytes : 0;
            weight0 = Load(codes, constants);
            weight1 = LoadSecond(arguments, codes, constants);
            // The two tiles that are on their way become the next ones.
            uint free = stage1;
            stage1 = stage0;
            stage0 = stage2;
            stage2 = free;
        }

        return sums;
    }

    /// <summary>Waits for the inputs of the next tile, and until all warps of the part are done with those before.</summary>
    private static void AwaitInputs()
    {
        PtxMemory.AwaitAllButLast();
        PtxGrid.Barrier(Group.IdxY + 1, Group.DimX);
    }

    private static Slice<TCodes, TRaw> Load(long codes, long constants) => PackedSlice<TCodes, TFormat, TRaw, TConstants>.LoadForBatch(codes, constants);

    /// <summary>The warp's second unit.</summary>
    private static Slice<TCodes, TRaw> LoadSecond(DecodeArguments arguments, long codes, long constants) => Load(
        codes + ((long)arguments.Slices * PackedSlice<TCodes, TFormat, TRaw, TConstants>.CodeBytes),
        constants + ((long)arguments.Slices * PackedSlice<TCodes, TFormat, TRaw, TConstants>.ConstantBytes));

    private static TSums AddFirstTile(
        DecodeArguments arguments, Slice<TCodes, TRaw> weight0, Slice<TCodes, TRaw> weight1, int index, uint x, int lane, uint table, TSums sums)
    {
        TFormat format = default;
        long offsets = arguments.Offsets + (PackedSlice<TCodes, TFormat, TRaw, TConstants>.ConstantIndex(index, lane) * default(TOffsets).Size);
        return AddTile(
            arguments, format.FirstTile(weight0.Codes), format.FirstTile(weight1.Codes), weight0.FirstConstants, weight1.FirstConstants, offsets, x, table,
            sums);
    }

    private static TSums AddSecondTile(
        DecodeArguments arguments, Slice<TCodes, TRaw> weight0, Slice<TCodes, TRaw> weight1, int index, uint x, int lane, uint table, TSums sums)
    {
        TFormat format = default;
        long offsets = arguments.Offsets + ((PackedSlice<TCodes, TFormat, TRaw, TConstants>.ConstantIndex(index, lane) + PackedLayout.TileConstants) * default(TOffsets).Size);
        return AddTile(
            arguments, format.SecondTile(weight0.Codes), format.SecondTile(weight1.Codes), weight0.SecondConstants, weight1.SecondConstants, offsets, x, table,
            sums);
    }

    private static TSums AddTile(
        DecodeArguments arguments, Symbols symbols0, Symbols symbols1, TRaw constants0, TRaw constants1, long at, uint x, uint table, TSums sums)
    {
        TLookup lookup = default;
        TConstants constants = default;
        TOffsets offsets = default;
        TRaw offsets0 = offsets.Load(at);
        TRaw offsets1 = offsets.Load(at + ((long)arguments.Slices * 2 * PackedLayout.TileConstants * offsets.Size));
        uint other = x ^ 64;
        var scales = new RowScales { First = constants.FirstChunk(constants0), Second = constants.FirstChunk(constants1) };
        var terms = new RowScales { First = offsets.FirstChunk(offsets0), Second = offsets.FirstChunk(offsets1) };
        TSums products = default(TIsScaled).IsSet ? sums : default;
        products = Add(arguments, products, lookup.FirstQuarter(symbols0, table), lookup.FirstQuarter(symbols1, table), scales, terms, x);
        products = Add(arguments, products, lookup.SecondQuarter(symbols0, table), lookup.SecondQuarter(symbols1, table), scales, terms, other);
        sums = EndChunk(sums, products, scales, terms, x, other);
        const int Chunk = BatchGroup.RowBytes / 2;
        scales = new RowScales { First = constants.SecondChunk(constants0), Second = constants.SecondChunk(constants1) };
        terms = new RowScales { First = offsets.SecondChunk(offsets0), Second = offsets.SecondChunk(offsets1) };
        products = default(TIsScaled).IsSet ? sums : default;
        products = Add(arguments, products, lookup.ThirdQuarter(symbols0, table), lookup.ThirdQuarter(symbols1, table), scales, terms, x + Chunk);
        products = Add(arguments, products, lookup.FourthQuarter(symbols0, table), lookup.FourthQuarter(symbols1, table), scales, terms, other + Chunk);
        return EndChunk(sums, products, scales, terms, x + Chunk, other + Chunk);
    }

    /// <summary>Adds the products over 32 columns: of values that have their constants, or that get them at the end of the chunk.</summary>
    private static TSums Add(
        DecodeArguments arguments, TSums products, QuarterValues first, QuarterValues second, RowScales scales, RowScales terms, uint x)
    {
        if (default(TIsScaled).IsSet)
        {
            first = Scale(arguments, first, scales.First, terms.First);
            second = Scale(arguments, second, scales.Second, terms.Second);
        }

        return default(TColumns).Add(products, first, second, x);
    }

    private static QuarterValues Scale(DecodeArguments arguments, QuarterValues values, Floats2 constants, Floats2 offsets)
    {
        Words2 factors = Fragments<TElement>.Twice(constants, arguments.ConstantScale);
        Words2 terms = default(TOffsets).Size == 0 ? default : Fragments<TElement>.Twice(offsets, arguments.OffsetScale);
        return new()
        {
            First = Fragments<TElement>.Scale(values.First, factors, terms),
            Second = Fragments<TElement>.Scale(values.Second, factors, terms),
        };
    }

    private static TSums EndChunk(TSums sums, TSums products, RowScales scales, RowScales terms, uint x, uint other)
    {
        TColumns columns = default;
        if (default(TIsScaled).IsSet)
            return products;
        sums = columns.AddScaled(sums, products, scales);
        if (default(TOffsets).Size == 0)
            return sums;
        QuarterValues ones = Fragments<TElement>.All(default(TElement).ScaleTwice);
        return columns.AddScaled(sums, columns.Add(columns.Add(default, ones, ones, x), ones, ones, other), terms);
    }
}
