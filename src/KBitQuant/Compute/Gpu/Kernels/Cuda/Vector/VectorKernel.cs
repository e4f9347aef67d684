using ILGPU;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Constants;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Tables;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Vector;

/// <summary>
/// y = x W^T for M = 1: bound by reading the weight. A group has a run of units, whose items (four tiles) its warps take in turn, so
/// that it reads one stretch of memory from front to back; the next item is loaded as soon as one has been used. The sums of an item go to
/// shared memory, and once a run of units is through, each output's sums are added in the order of their columns: the same bits on every run.
/// The one input row is in four columns of B: column 2j holds tile j of an item. B is then loaded once for four tiles, and of
/// the products of tile j, lanes with t = j keep theirs, each with the constants of its own tile alone. The input row lies in shared memory.
/// </summary>
internal static class VectorKernel<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement>
    where TCodes : unmanaged
    where TFormat : struct, ICodeFormat<TCodes>
    where TLookup : struct, ITableLookup
    where TRaw : unmanaged
    where TConstants : struct, ITileConstants<TRaw>
    where TOffsets : struct, ITileConstants<TRaw>
    where TElement : struct, ITensorElement
{
    private const int ItemTiles = 4;

    public static void Run(VectorArguments vector)
    {
        DecodeArguments arguments = vector.Product;
        int thread = Group.IdxX;
        int lane = thread & 31;
        int items = arguments.Items;
        int firstUnit = (Grid.IdxX * vector.GroupUnits) + IntrinsicMath.Min(Grid.IdxX, vector.RestUnits);
        int units = vector.GroupUnits + (Grid.IdxX < vector.RestUnits ? 1 : 0);
        int count = units * items;
        int index = thread >> 5;
        // Warps without an item load some item that is there.
        int some = IntrinsicMath.Min(index, count - 1);
        int inGroup = (some * vector.InverseItems) >> 16;
        int item = some - (inGroup * items);
        int unit = firstUnit + inGroup;
        TCodes codes0 = LoadCodes(arguments, unit, item, 0, lane);
        TCodes codes1 = LoadCodes(arguments, unit, item, 1, lane);
        TRaw constants = LoadConstants(arguments, unit, item, lane);
        uint table = PtxMemory.DynamicShared();
        uint inputRow = table + DecodeGroup.TableBytes;
        uint normWeight = inputRow + (uint)(arguments.K * sizeof(ushort));
        uint sums = normWeight + (uint)(vector.IsNormalized * arguments.K * sizeof(float));
        VectorInput.Begin(vector, normWeight, thread);
        Words2 registers = default(TLookup).Registers(arguments.Table);
        default(TLookup).Fill(arguments.Table, table, thread, DecodeGroup.Size);
        // Up to here the weight alone was read, which no kernel writes.
        PtxGrid.LetNextBegin();
        PtxGrid.WaitForPrevious();
        VectorInput.Load<TElement>(vector, inputRow, normWeight, sums, thread);
        PtxGrid.Barrier();
        table += default(TLookup).LaneOffset(lane) - PtxMemory.SharedStart;
        for (int roundUnit = 0; roundUnit < units; roundUnit += arguments.RoundUnits)
        {
            int roundUnits = IntrinsicMath.Min(arguments.RoundUnits, units - roundUnit);
            int start = roundUnit * items;
            int end = start + (roundUnits * items);
            for (; index < end; index += DecodeGroup.Warps)
            {
                // Steps, where a division would keep the loads waiting.
                bool hasNext = index + DecodeGroup.Warps < count;
                bool isNextUnit = item + arguments.ItemStep >= items;
                int nextItem = hasNext ? item + arguments.ItemStep - (isNextUnit ? items : 0) : item;
                int nextUnit = hasNext ? unit + arguments.UnitStep + (isNextUnit ? 1 : 0) : unit;
                // What no lane needs is one address for all: the loads stay, a branch around them would cost more.
                int nextLane = hasNext ? lane : 0;
                Inputs inputs = LoadInputs(inputRow, arguments.K, item, lane);
                TRaw nextConstants = LoadConstants(arguments, nextUnit, nextItem, lane);
                Floats2 sum = AddOffsets(arguments, unit, item, inputs, lane);
                // Lanes beyond the last tile have no inputs; their products are zero or, with infinities in the table, not numbers.
                int tile = (lane & 3) + (item * ItemTiles);
                int own = tile * PackedLayout.TileColumns < arguments.K ? lane & 3 : -1;
                sum = AddTile(default(TFormat).FirstTileLow(codes0), default(TFormat).FirstTileHigh(codes0), constants, inputs, own == 0 ? 1u : 0u, table, registers, sum);
                sum = AddTile(default(TFormat).SecondTileLow(codes0), default(TFormat).SecondTileHigh(codes0), constants, inputs, own == 1 ? 1u : 0u, table, registers, sum);
                codes0 = LoadCodes(arguments, nextUnit, nextItem, 0, nextLane);
                sum = AddTile(default(TFormat).FirstTileLow(codes1), default(TFormat).FirstTileHigh(codes1), constants, inputs, own == 2 ? 1u : 0u, table, registers, sum);
                sum = AddTile(default(TFormat).SecondTileLow(codes1), default(TFormat).SecondTileHigh(codes1), constants, inputs, own == 3 ? 1u : 0u, table, registers, sum);
                codes1 = LoadCodes(arguments, nextUnit, nextItem, 1, nextLane);
                constants = nextConstants;
                item = nextItem;
                unit = nextUnit;
                Store(sums, index - start, lane, sum);
            }

            PtxGrid.Barrier();
            VectorOutput.Write<TElement>(vector, sums, firstUnit + roundUnit, roundUnits, thread);
            PtxGrid.Barrier();
        }
    }

    /// <summary>The slice of an item, counted through all units; the unit's last one where there is none.</summary>
    private static long SliceIndex(DecodeArguments arguments, int unit, int item, int slice) =>
        ((long)unit * arguments.Slices) + IntrinsicMath.Min((item * DecodeGroup.ItemSlices) + slice, arguments.Slices - 1);

    private static TCodes LoadCodes(DecodeArguments arguments, int unit, int item, int slice, int lane)
    {
        TFormat format = default;
        return format.Load(arguments.Codes + (SliceIndex(arguments, unit, item, slice) * (format.Bits * PackedLayout.SliceBytesPerBit)) + (lane * 16));
    }

    private static TRaw LoadConstants(DecodeArguments arguments, int unit, int item, int lane) =>
        default(TConstants).Load(arguments.Constants + (ConstantIndex(arguments, unit, item, lane) * default(TConstants).Size));

    /// <summary>Where lane 4g + t finds the constants (or offsets) of rows g and g + 8 in tile t.</summary>
    private static long ConstantIndex(DecodeArguments arguments, int unit, int item, int lane)
    {
        int t = lane & 3;
        long slice = SliceIndex(arguments, unit, item, t >> 1);
        return (((slice * 2) + (t & 1)) * PackedLayout.TileConstants) + (lane / 4 * 4);
    }

    private static Inputs LoadInputs(uint row, int columns, int item, int lane)
    {
        const uint Step = 64;
        int g = lane >> 2;
        int column = (((item * ItemTiles) + (g >> 1)) * PackedLayout.TileColumns) + ((lane & 3) * 8);
        bool isOdd = (g & 1) != 0;
        uint isWanted = (default(TLookup).HasPairs || !isOdd) && column < columns ? 1u : 0u;
        uint x = row + (uint)(column * 2);
        return new()
        {
            First0 = Arrange(PtxMemory.LoadSharedIf4(x, isWanted), isOdd),
            First1 = Arrange(PtxMemory.LoadSharedIf4(x + Step, isWanted), isOdd),
            Second0 = Arrange(PtxMemory.LoadSharedIf4(x + (2 * Step), isWanted), isOdd),
            Second1 = ArrangeLast(PtxMemory.LoadSharedIf4(x + (3 * Step), isWanted), isOdd),
        };
    }

    /// <summary>The values of a row's second chunk. Where look-ups bring pairs, shared memory is the limit: registers take a quarter of
    /// them.</summary>
    private static RowChunk SecondChunk(Symbols symbols, uint table, Words2 registers)
    {
        RowChunk values = default(TLookup).SecondChunk(symbols, table);
        if (default(TLookup).HasPairs)
            values.Second = default(TLookup).LastColumns(symbols, registers);
        return values;
    }

    /// <summary>Where values have pairs, column 2j of B takes the inputs of the first ones of each two pairs, column 2j + 1 those of the
    /// second ones.</summary>
    private static Words4 Arrange(Words4 x, bool isOdd) =>
        !default(TLookup).HasPairs ? x : new() { X = isOdd ? x.Y : x.X, Y = isOdd ? x.W : x.Z };

    /// <summary>As <see cref="Arrange"/>, in the order of <see cref="ITableLookup.LastColumns"/>.</summary>
    private static Words4 ArrangeLast(Words4 x, bool isOdd)
    {
        uint halves = isOdd ? 0x7632u : 0x5410u;
        return !default(TLookup).HasPairs ? x : new() { X = PtxBits.Permute(x.X, x.Y, halves), Y = PtxBits.Permute(x.Z, x.W, halves) };
    }

    private static Floats2 AddTile(Symbols low, Symbols high, TRaw constants, Inputs inputs, uint isOwn, uint table, Words2 registers, Floats2 sum)
    {
        TLookup lookup = default;
        Floats2 products = Multiply(lookup.FirstChunk(low, table), lookup.FirstChunk(high, table), inputs.First0, inputs.First1);
        sum = AddOwn(sum, products, default(TConstants).FirstChunk(constants), isOwn);
        products = Multiply(SecondChunk(low, table, registers), SecondChunk(high, table, registers), inputs.Second0, inputs.Second1);
        return AddOwn(sum, products, default(TConstants).SecondChunk(constants), isOwn);
    }

    private static Floats2 AddOffsets(DecodeArguments arguments, int unit, int item, Inputs inputs, int lane)
    {
        Floats2 sum = default;
        if (default(TOffsets).Size == 0)
            return sum;
        TRaw offsets = default(TOffsets).Load(arguments.Offsets + (ConstantIndex(arguments, unit, item, lane) * default(TOffsets).Size));
        // Tiles that are not there have zero inputs.
        RowChunk ones = Fragments<TElement>.Ones;
        sum = AddOwn(sum, Multiply(ones, ones, inputs.First0, inputs.First1), default(TOffsets).FirstChunk(offsets), 1);
        return AddOwn(sum, Multiply(ones, ones, inputs.Second0, inputs.Second1), default(TOffsets).SecondChunk(offsets), 1);
    }

    /// <summary>The products of rows g and g + 8 with the inputs of tile t. Of values that come in pairs of registers, the rows of A
    /// take one row's: rows g the first pairs, rows g + 8 the second ones, so that no register moves.</summary>
    private static Floats2 Multiply(RowChunk low, RowChunk high, Words4 x0, Words4 x1)
    {
        if (!default(TLookup).HasPairs)
        {
            Floats4 both = Fragments<TElement>.Multiply(low, high, x0, x1);
            return new() { X = both.X, Y = both.Z };
        }

        return new() { X = MultiplyPairs(low, x0, x1), Y = MultiplyPairs(high, x0, x1) };
    }

    private static float MultiplyPairs(RowChunk row, Words4 x0, Words4 x1)
    {
        TElement element = default;
        Floats4 products = element.Multiply(row.Second, x1.Low, element.Multiply(row.First, x0.Low, default));
        return products.X + products.W;
    }

    /// <summary>Adds the products, times a constant for each row.</summary>
    private static Floats2 AddOwn(Floats2 sum, Floats2 products, Floats2 scales, uint isOwn) => new()
    {
        X = PtxBits.AddProductIf(isOwn, products.X, scales.X, sum.X),
        Y = PtxBits.AddProductIf(isOwn, products.Y, scales.Y, sum.Y),
    };

    /// <summary>Adds the four tiles, and stores rows g and g + 8 of an item.</summary>
    private static void Store(uint sums, int item, int lane, Floats2 sum)
    {
        sum.X += PtxBits.ExchangeLanes(sum.X, 1);
        sum.X += PtxBits.ExchangeLanes(sum.X, 2);
        sum.Y += PtxBits.ExchangeLanes(sum.Y, 1);
        sum.Y += PtxBits.ExchangeLanes(sum.Y, 2);
        DecodeGroup.Store(sums, item, lane, sum);
    }

    /// <summary>The inputs of an item: lane 8j + t has columns 8t to 8t + 7 of each 32 of tile j; other lanes have zeros.</summary>
    private struct Inputs
    {
        public Words4 First0;
        public Words4 First1;
        public Words4 Second0;
        public Words4 Second1;
    }
}
