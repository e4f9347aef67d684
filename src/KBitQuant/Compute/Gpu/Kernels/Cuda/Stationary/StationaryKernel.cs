using ILGPU;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Constants;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Values;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Stationary;

/// <summary>
/// y = x W^T for M = 1 to 16. A warp has a slice of the columns, the same one of each unit, and keeps all its inputs there in registers:
/// what goes through shared memory in the loop are the look-ups, and a unit's sums. The warps of a group, and the groups of a cluster, divide the columns;
/// their sums are added in the order of the columns: the same bits on every run.
/// </summary>
internal static class StationaryKernel<TCodes, TFormat, TValues, TRaw, TConstants, TOffsets, TElement, TColumns, TInputs, TSums>
    where TCodes : unmanaged
    where TFormat : struct, ICodeFormat<TCodes>
    where TValues : struct, ICodeValues
    where TRaw : unmanaged
    where TConstants : struct, ITileConstants<TRaw>
    where TOffsets : struct, ITileConstants<TRaw>
    where TElement : struct, ITensorElement
    where TColumns : struct, IStationaryColumns<TInputs, TSums>
    where TInputs : unmanaged
    where TSums : unmanaged
{
    /// <summary>Bytes of the inputs of 32 columns in a row.</summary>
    private const int QuarterBytes = PackedLayout.TileColumns / 4 * sizeof(ushort);

    private static int ColumnsShift => default(TColumns).Count >> 4;

    private static int FragmentBytes => StationaryGroup.FragmentBytes(default(TColumns).Count);

    /// <summary>Whether slices come by way of shared memory.</summary>
    private static bool IsStaged => StationaryStage<TCodes, TFormat, TValues, TRaw, TConstants, TOffsets>.IsUsed;

    /// <summary>Whether a slice is copied and loaded by tiles, half of its words each, as it can be where all bits of a symbol are in one plane: 16 rows leave few
    /// registers for codes.</summary>
    private static bool IsHalved => default(TColumns).Count > 8 && (default(TFormat).Bits == 4 || default(TFormat).Bits == 8);

    /// <summary>The 16-byte words of a lane that are copied first.</summary>
    private static int FirstWords => IsHalved ? default(TFormat).Bits / 2 : default(TFormat).Bits;

    public static void Run(StationaryArguments stationary)
    {
        DecodeArguments arguments = stationary.Product;
        var place = StationaryPlace.Own(stationary, 1);
        int lane = place.Lane;
        uint shared = PtxMemory.DynamicShared();
        var stage = StationaryStage<TCodes, TFormat, TValues, TRaw, TConstants, TOffsets>.Own(place, shared);
        int index = ((place.FirstUnit + IntrinsicMath.Min(Group.IdxY, place.Units - 1)) * arguments.Slices) + place.Slice;
        var at = StationaryAddresses<TCodes, TFormat, TRaw, TConstants, TOffsets>.Of(arguments, lane, index);
        TCodes codes = default;
        StationaryScales<TRaw> scales = default;
        if (IsStaged)
        {
            stage.BeginCopy(at, 0, FirstWords, isWanted: true);
            if (IsHalved)
                stage.BeginCopy(at, FirstWords, default(TFormat).Bits, isWanted: true);
        }
        else
        {
            codes = default(TFormat).Load<OwnWords>(at.Codes);
            scales = at.LoadScales();
        }

        var exchange = StationaryExchange.Begin(stationary, place, shared + (uint)StationaryStage<TCodes, TFormat, TValues, TRaw, TConstants, TOffsets>.Bytes, ColumnsShift, FragmentBytes);
        Words2 registers = default(TValues).Registers(arguments);
        default(TValues).Prepare(arguments, shared, (place.Warp * 32) + lane, place.Warps * 32);
        // Up to here the weight alone was read, which no kernel writes.
        PtxGrid.LetNextBegin();
        PtxGrid.WaitForPrevious();
        Inputs inputs = LoadInputs(arguments, place, default(TValues).Key(arguments, shared, lane), registers);
        PtxGrid.Barrier();
        if (stationary.ClusterShift != 0)
            PtxGrid.AwaitCluster();
        AddUnits(stationary, place, exchange, stage, index, codes, scales, inputs);
        if (stationary.ClusterShift != 0)
            StationaryGroup.AddRanks<TElement, TColumns>(stationary, place, exchange, ColumnsShift);
    }

    /// <summary>The warp's sums of each of its units, of which the first one has been loaded, and the group's.</summary>
    private static void AddUnits(
        StationaryArguments stationary, StationaryPlace place, StationaryExchange exchange, StationaryStage<TCodes, TFormat, TValues, TRaw, TConstants, TOffsets> stage,
        int index, TCodes codes, StationaryScales<TRaw> scales, Inputs inputs)
    {
        DecodeArguments arguments = stationary.Product;
        int step = Group.DimY * arguments.Slices;
        uint fragmentStep = (uint)((Group.DimX >> 5) * FragmentBytes);
        uint sums = exchange.End + (uint)(place.Slot * FragmentBytes) + default(TColumns).StoreOffset(place.Lane);
        int unit = Group.IdxY;
        for (int round = 0; round < place.Units; round += arguments.RoundUnits)
        {
            int end = IntrinsicMath.Min(round + arguments.RoundUnits, place.Units);
            for (; unit < end; unit += Group.DimY)
            {
                bool hasNext = unit + Group.DimY < place.Units;
                index += hasNext ? step : 0;
                var at = StationaryAddresses<TCodes, TFormat, TRaw, TConstants, TOffsets>.Of(arguments, place.Lane, index);
                if (IsStaged)
                {
                    AwaitCopies();
                    codes = stage.LoadCodes();
                    scales = stage.LoadScales();
                    PtxGrid.WarpBarrier();
                    stage.BeginCopy(at, 0, FirstWords, hasNext);
                }

                TSums sum = AddFirstTile(arguments, codes, scales, inputs);
                StationaryScales<TRaw> next = scales;
                if (IsHalved)
                {
                    AwaitCopies();
                    codes = stage.LoadCodes();
                    PtxGrid.WarpBarrier();
                    stage.BeginCopy(at, FirstWords, default(TFormat).Bits, hasNext);
                }

                TCodes second = codes;
                if (!IsStaged)
                {
                    // What no lane needs is one address for all: the loads stay, a branch around them, or between two addresses, would cost more.
                    codes = default(TFormat).Load<OwnWords>(at.Codes - (hasNext ? 0 : place.Lane * 16));
                    // All at once, since whoever waits for one load waits for all.
                    next = at.LoadScales();
                }

                sum = AddSecondTile(arguments, second, scales, inputs, sum);
                scales = next;
                default(TColumns).Store(sum, sums + ((uint)((unit - round) << ColumnsShift) * fragmentStep), fragmentStep, place.Lane);
            }

            PtxGrid.Barrier();
            StationaryGroup.AddSlices<TElement, TColumns>(stationary, place, exchange, round, end - round, ColumnsShift);
            if (end < place.Units)
                PtxGrid.Barrier();
        }
    }

    /// <summary>Waits for the copies that are used next, of all lanes.</summary>
    private static void AwaitCopies()
    {
        if (IsHalved)
            PtxMemory.AwaitAllButLast();
        else
            PtxMemory.AwaitBatches();
        PtxGrid.WarpBarrier();
    }

    private static Inputs LoadInputs(DecodeArguments arguments, StationaryPlace place, uint key, Words2 registers)
    {
        TColumns columns = default;
        int row = place.Lane >> 2;
        int column = (place.Slice * PackedLayout.SliceColumns) + ((place.Lane & 3) * 8);
        int rows = arguments.M - row;
        // The last slice may have one tile.
        int secondRows = (place.Slice * PackedLayout.SliceColumns) + PackedLayout.TileColumns < arguments.K ? rows : 0;
        long x = arguments.X + ((((long)row * arguments.K) + column) * sizeof(ushort));
        long eightRows = arguments.K * 8L * sizeof(ushort);
        return new()
        {
            A = columns.Load(x, eightRows, rows),
            B = columns.Load(x + QuarterBytes, eightRows, rows),
            C = columns.Load(x + (2 * QuarterBytes), eightRows, rows),
            D = columns.OrderLast<TValues>(columns.Load(x + (3 * QuarterBytes), eightRows, rows)),
            E = columns.Load(x + (4 * QuarterBytes), eightRows, secondRows),
            F = columns.Load(x + (5 * QuarterBytes), eightRows, secondRows),
            G = columns.Load(x + (6 * QuarterBytes), eightRows, secondRows),
            H = columns.OrderLast<TValues>(columns.Load(x + (7 * QuarterBytes), eightRows, secondRows)),
            Key = key,
            Registers = registers,
        };
    }

    private static TSums AddFirstTile(DecodeArguments arguments, TCodes codes, StationaryScales<TRaw> scales, Inputs inputs)
    {
        TFormat format = default;
        return AddTile(
            arguments, format.FirstTile(codes), scales.First, scales.FirstOffsets,
            inputs.A, inputs.B, inputs.C, inputs.D, inputs, default);
    }

    private static TSums AddSecondTile(DecodeArguments arguments, TCodes codes, StationaryScales<TRaw> scales, Inputs inputs, TSums sums)
    {
        TFormat format = default;
        return AddTile(
            arguments, format.SecondTile(codes), scales.Second, scales.SecondOffsets,
            inputs.E, inputs.F, inputs.G, inputs.H, inputs, sums);
    }

    private static TSums AddTile(
        DecodeArguments arguments, Symbols symbols, TRaw constants, TRaw offsets, TInputs a, TInputs b, TInputs c, TInputs d, Inputs inputs, TSums sums)
    {
        TValues values = default;
        TColumns columns = default;
        TSums products = columns.Add(default, values.FirstQuarter(symbols, inputs.Key), a);
        products = columns.Add(products, values.SecondQuarter(symbols, inputs.Key), b);
        sums = columns.AddScaled(sums, products, default(TConstants).FirstChunk(constants));
        sums = AddOffsets(arguments, sums, default(TOffsets).FirstChunk(offsets), a, b);
        products = columns.Add(default, values.ThirdQuarter(symbols, inputs.Key), c);
        products = columns.Add(products, columns.LastColumns<TValues>(symbols, inputs.Key, inputs.Registers), d);
        sums = columns.AddScaled(sums, products, default(TConstants).SecondChunk(constants));
        return AddOffsets(arguments, sums, default(TOffsets).SecondChunk(offsets), c, d);
    }

    /// <summary>sums + offsets * (ones * inputs), over a chunk.</summary>
    private static TSums AddOffsets(DecodeArguments arguments, TSums sums, Floats2 offsets, TInputs first, TInputs second)
    {
        TColumns columns = default;
        if (default(TOffsets).Size == 0)
            return sums;
        QuarterValues ones = Fragments<TElement>.All(default(TElement).Twice(1));
        offsets = new() { X = offsets.X * arguments.OffsetScale, Y = offsets.Y * arguments.OffsetScale };
        return columns.AddScaled(sums, columns.Add(columns.Add(default, ones, first), ones, second), offsets);
    }

    /// <summary>The inputs of a slice, of each 32 columns, and what the lane's values need.</summary>
    private struct Inputs
    {
        public TInputs A;
        public TInputs B;
        public TInputs C;
        public TInputs D;
        public TInputs E;
        public TInputs F;
        public TInputs G;
        public TInputs H;
        public uint Key;
        public Words2 Registers;
    }
}
