using ILGPU;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Columns;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Constants;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Tables;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Values;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Vector;

/// <summary>
/// y = x W^T for M = 1: bound by reading the weight. A group has a run of units, whose slices its warps take in turn, so that it reads one
/// stretch of memory from front to back; from k = 3 on it comes by way of shared memory (<see cref="VectorStages"/>). The sums of a slice go to
/// shared memory, and at the end each output's are added in the order of their columns: the same bits on every run.
/// </summary>
/// <remarks>Two products of the tensor cores take 32 columns of 16 weight rows, the first one of each lane's first four columns, the second one of its other four. Both
/// have one B: its column 2j are the inputs of the first ones, its column 2j + 1 those of the others, for columns 32j to 32j + 31 of a tile
/// (<see cref="VectorInput"/>). Of the first product column 2j counts, of the second one column 2j + 1: both are in lanes with t = j, so that each lane adds
/// what has one constant.</remarks>
internal static class VectorKernel<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement>
    where TCodes : unmanaged
    where TFormat : struct, ICodeFormat<TCodes>
    where TLookup : struct, ITableLookup
    where TRaw : unmanaged
    where TConstants : struct, ITileConstants<TRaw>
    where TOffsets : struct, ITileConstants<TRaw>
    where TElement : struct, ITensorElement
{
    /// <summary>Whether the weight comes by way of shared memory: k = 2 has the lanes' own words side by side in global memory.</summary>
    private static bool IsStaged => PackedLayout.HasPairWords(default(TFormat).Bits);

    /// <summary>Bytes from the codes of a stage to those of the other one.</summary>
    private static int CodeStep => CodeStages.Bytes(default(TFormat).Bits, hasTable: true);

    public static void Run(VectorArguments vector)
    {
        PtxGrid.LetNextBegin();
        DecodeArguments arguments = vector.Product;
        int thread = Group.IdxX;
        int lane = thread & 31;
        var place = VectorPlace.Own(vector, default(TFormat).Bits);
        // Slices are counted through all units of the weight.
        int end = (place.FirstUnit + place.Units) * arguments.Slices;
        int slice = (place.FirstUnit * arguments.Slices) + (thread >> 5);
        uint table = PtxMemory.DynamicShared();
        var codes = StagedCodes<TableValues<TLookup>>.Of(default(TFormat).Bits, table, thread >> 5, lane);
        uint constants = VectorStages.Constants(default(TFormat).Bits, vector.Stages, table, thread >> 5);
        Slice<TCodes, TRaw> weights = default;
        if (IsStaged)
            BeginCopy(arguments, codes, constants, slice, end, lane);
        else
            weights = LoadIf(arguments, slice, end, lane);
        Words2 registers = default(TLookup).Registers(arguments.Table);
        default(TLookup).Fill(arguments.Table, table, thread, DecodeGroup.Size);
        var work = new VectorWork
        {
            Slice = slice,
            InUnit = (thread >> 5) % arguments.Slices,
            End = end,
            Inputs = place.Inputs + VectorInput.LaneOffset(lane),
            Sums = place.Sums + (uint)((thread >> 5) * DecodeGroup.SumBytes),
            Constants = constants,
            StageStep = vector.Stages - 1,
            Table = table + default(TLookup).LaneOffset(lane) - PtxMemory.SharedStart,
            Registers = registers,
        };
        // Up to here the weight alone was read, which no kernel writes.
        VectorInput.Load<TLookup, TElement>(vector, place.Inputs, place.Sums, thread);
        VectorOutput.Begin(vector, place, thread);
        PtxGrid.Barrier();
        // Ahead of the inputs, a second slice would delay them.
        if (IsStaged && vector.Stages > 1)
            BeginCopy(arguments, codes.After(CodeStep), constants + VectorStages.ConstantStep, slice + DecodeGroup.Warps, end, lane);
        for (; work.Slice < end; work = work.Next(vector))
        {
            if (IsStaged)
                weights = TakeStage(vector, work, codes, lane);
            codes = codes.After(work.StageStep * CodeStep);
            weights = AddSlice(vector, work, weights, lane);
        }

        PtxMemory.AwaitAll();
        PtxGrid.Barrier();
        VectorOutput.Write<TElement>(vector, VectorPlace.Own(vector, default(TFormat).Bits), Group.IdxX);
    }

    /// <summary>Begins to copy a slice to a stage, if there is one.</summary>
    private static void BeginCopy(DecodeArguments arguments, StagedCodes<TableValues<TLookup>> codes, uint constants, int slice, int end, int lane)
    {
        int bits = default(TFormat).Bits;
        int pair = 2 * default(TConstants).Size;
        if (slice < end)
        {
            long source = arguments.Constants + ((long)slice * PackedSlice<TCodes, TFormat, TRaw, TConstants>.ConstantBytes);
            default(TConstants).BeginCopyOfTwo(constants + (uint)(lane * pair), source + (lane * pair));
            codes.BeginCopy(PackedSlice<TCodes, TFormat, TRaw, TConstants>.Codes(arguments, slice) + (lane * 16), 0, bits);
        }

        PtxMemory.EndBatch();
    }

    /// <summary>Loads a slice from its stage, and begins to copy a later one there.</summary>
    private static Slice<TCodes, TRaw> TakeStage(VectorArguments vector, VectorWork work, StagedCodes<TableValues<TLookup>> codes, int lane)
    {
        TConstants constants = default;
        if (vector.Stages > 1)
            PtxMemory.AwaitAllButLast();
        else
            PtxMemory.AwaitBatches();
        PtxGrid.WarpBarrier();
        uint at = work.Constants + (uint)(((lane / 4 * 4) + (lane & 2)) * constants.Size);
        Slice<TCodes, TRaw> weights = new()
        {
            Codes = codes.Load<TCodes, TFormat>(),
            FirstConstants = constants.LoadSharedChunk(at),
            SecondConstants = constants.LoadSharedChunk(at + (uint)(PackedLayout.TileConstants * constants.Size)),
        };
        PtxGrid.WarpBarrier();
        BeginCopy(vector.Product, codes, work.Constants, work.Slice + (vector.Stages * DecodeGroup.Warps), work.End, lane);
        return weights;
    }

    /// <summary>Stores the sums of a slice, and begins to load the warp's next one where there are no stages.</summary>
    private static Slice<TCodes, TRaw> AddSlice(VectorArguments vector, VectorWork work, Slice<TCodes, TRaw> weights, int lane)
    {
        DecodeArguments arguments = vector.Product;
        uint x = work.Inputs + (uint)(work.InUnit * VectorInput.SliceBytes);
        Floats2 sum = AddFirstTile(arguments, work, weights, PtxMemory.LoadShared2(x), lane);
        Slice<TCodes, TRaw> next = default;
        if (!IsStaged)
        {
            next = LoadIf(arguments, work.Slice + DecodeGroup.Warps, work.End, lane);
            // The loads stay ahead of the look-ups that follow.
            PtxGrid.WarpBarrier();
        }

        Store(work.Sums, lane, AddSecondTile(arguments, work, weights, PtxMemory.LoadShared2(x + VectorInput.TileBytes), lane, sum));
        return next;
    }

    /// <summary>Loads a slice. Past the last one, what no lane needs is one address for all: the loads stay, a branch around them would
    /// cost more.</summary>
    private static Slice<TCodes, TRaw> LoadIf(DecodeArguments arguments, int slice, int end, int lane) =>
        Load(arguments, IntrinsicMath.Min(slice, end - 1), slice < end ? lane : 0);

    /// <summary>Begins to load a slice; of the constants a lane takes those of the chunk that it keeps the products of.</summary>
    private static Slice<TCodes, TRaw> Load(DecodeArguments arguments, int slice, int lane)
    {
        TFormat format = default;
        return new()
        {
            Codes = format.Load<OwnWords>(PackedSlice<TCodes, TFormat, TRaw, TConstants>.Codes(arguments, slice) + OwnWords.Offset(format.Bits, lane)),
            FirstConstants = LoadOfTile<TConstants>(arguments.Constants, slice, 0, lane),
            SecondConstants = LoadOfTile<TConstants>(arguments.Constants, slice, 1, lane),
        };
    }

    /// <summary>Loads constants or offsets of a tile, rows g and g + 8 of the lane's chunk.</summary>
    private static TRaw LoadOfTile<T>(long address, int slice, int tile, int lane)
        where T : struct, ITileConstants<TRaw>
    {
        long index = PackedSlice<TCodes, TFormat, TRaw, TConstants>.ConstantIndex(slice, lane) + (tile * PackedLayout.TileConstants) + (lane & 2);
        return default(T).LoadChunk(address + (index * default(T).Size));
    }

    private static Floats2 AddFirstTile(DecodeArguments arguments, VectorWork work, Slice<TCodes, TRaw> weights, Words2 x, int lane)
    {
        Floats2 scales = default(TConstants).FirstChunk(weights.FirstConstants);
        Floats2 products = MultiplyTile(default(TFormat).FirstTile(weights.Codes), x, work, lane);
        return AddOffsets(arguments, work.Slice, 0, x, lane, 1, new() { X = products.X * scales.X, Y = products.Y * scales.Y });
    }

    private static Floats2 AddSecondTile(DecodeArguments arguments, VectorWork work, Slice<TCodes, TRaw> weights, Words2 x, int lane, Floats2 sum)
    {
        Floats2 scales = default(TConstants).FirstChunk(weights.SecondConstants);
        Floats2 products = MultiplyTile(default(TFormat).SecondTile(weights.Codes), x, work, lane);
        // There are no inputs past the last column; their products are zero or, with infinities in the table, not numbers.
        uint isThere = (work.InUnit * PackedLayout.SliceColumns) + PackedLayout.TileColumns < arguments.K ? 1u : 0u;
        sum = new() { X = PtxBits.AddProductIf(isThere, products.X, scales.X, sum.X), Y = PtxBits.AddProductIf(isThere, products.Y, scales.Y, sum.Y) };
        return AddOffsets(arguments, work.Slice, 1, x, lane, isThere, sum);
    }

    /// <summary>The products of the weight rows of a tile, g and g + 8, with the inputs: in lanes with t = j, those of columns 32j to 32j + 31.</summary>
    private static Floats2 MultiplyTile(Symbols symbols, Words2 x, VectorWork work, int lane)
    {
        TLookup lookup = default;
        UnitSums sums = Multiply(lookup.FirstQuarter(symbols, work.Table), x, lane, 0, default);
        sums = Multiply(lookup.SecondQuarter(symbols, work.Table), x, lane, 1, sums);
        sums = Multiply(lookup.ThirdQuarter(symbols, work.Table), x, lane, 2, sums);
        sums = Multiply(lookup.LastColumns(symbols, work.Table, work.Registers), x, lane, 3, sums);
        return new() { X = sums.First.X + sums.Second.Y, Y = sums.First.Z + sums.Second.W };
    }

    /// <summary>Adds the products of columns 32j to 32j + 31: the columns of B but 2j and 2j + 1, those of lanes with g = 2j and g = 2j + 1,
    /// become zeros.</summary>
    private static UnitSums Multiply(QuarterValues values, Words2 x, int lane, int j, UnitSums sums)
    {
        bool isOwn = lane >> 3 == j;
        x = new() { X = isOwn ? x.X : 0, Y = isOwn ? x.Y : 0 };
        return new() { First = default(TElement).Multiply(values.First, x, sums.First), Second = default(TElement).Multiply(values.Second, x, sums.Second) };
    }

    /// <summary>Adds offsets times the sums of the inputs.</summary>
    private static Floats2 AddOffsets(DecodeArguments arguments, int slice, int tile, Words2 x, int lane, uint isThere, Floats2 sum)
    {
        if (default(TOffsets).Size == 0)
            return sum;
        Floats2 offsets = default(TOffsets).FirstChunk(LoadOfTile<TOffsets>(arguments.Offsets, slice, tile, lane));
        Floats4 sums = default(TElement).Multiply(Fragments<TElement>.All(default(TElement).ScaleTwice).First, x, default);
        float inputs = sums.X + sums.Y;
        return new() { X = PtxBits.AddProductIf(isThere, inputs, offsets.X, sum.X), Y = PtxBits.AddProductIf(isThere, inputs, offsets.Y, sum.Y) };
    }

    /// <summary>Adds the lanes of a row, and stores rows g (lanes with even t) and g + 8 (odd t) of a slice.</summary>
    private static void Store(uint sums, int lane, Floats2 sum)
    {
        bool isEven = (lane & 1) == 0;
        float own = (isEven ? sum.X : sum.Y) + PtxBits.ExchangeLanes(isEven ? sum.Y : sum.X, 1);
        own += PtxBits.ExchangeLanes(own, 2);
        PtxMemory.StoreSharedFloat(sums + (uint)(((lane & 1) * (DecodeGroup.SumBytes / 2)) + (lane >> 2 << 2)), own);
    }
}
