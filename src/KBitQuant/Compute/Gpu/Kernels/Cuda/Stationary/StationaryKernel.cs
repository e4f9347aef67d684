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

    public static void Run(StationaryArguments stationary)
    {
        DecodeArguments arguments = stationary.Product;
        var place = StationaryPlace.Own(stationary);
        int lane = place.Lane;
        uint shared = PtxMemory.DynamicShared();
        var stage = StagedCodes.Of(default(TFormat).Bits, shared, place.Warp, lane);
        Addresses at = FirstSlice(arguments, place);
        uint scalesAt = shared + (uint)(StagedCodes.Bytes(default(TFormat).Bits) - (DecodeGroup.Warps * 1024) + (place.Warp * 1024));
        if ((Lab.Mode & 64) != 0)
        {
            at.Constants = arguments.Constants + (at.Constants - arguments.Constants) - (lane / 4 * 4 * default(TConstants).Size) + (lane * 2 * default(TConstants).Size);
            at.Offsets = at.Offsets - (lane / 4 * 4 * default(TOffsets).Size) + (lane * 2 * default(TOffsets).Size);
            CopyScales<TConstants>(scalesAt, at.Constants, lane);
            CopyScales<TOffsets>(scalesAt + 256, at.Offsets, lane);
        }
        if ((Lab.Mode & 32) != 0)
        {
            if (lane == 0)
            {
                PtxBulkCopy.MakeBarrier(stage.Barrier, 1);
                PtxBulkCopy.ShowBarriers();
            }

            PtxGrid.WarpBarrier();
            PtxBulkCopy.BeginRun(lane == 0 ? 1u : 0u, stage.Copies, stage.Barrier, PackedSlice<TCodes, TFormat, TRaw, TConstants>.CodeBytes, at.Codes - (lane * 16));
        }
        else if ((Lab.Mode & 128) != 0)
        {
            stage.BeginHalf(at.Codes, default(TFormat).Bits, 0, true);
            stage.BeginHalf(at.Codes, default(TFormat).Bits, 1, true);
        }
        else
        {
            stage.BeginCopy<TCodes, TFormat>(at.Codes);
        }

        Scales scales = (Lab.Mode & 64) != 0 ? default : Load(at);
        var exchange = StationaryExchange.Begin(stationary, place, shared + (uint)StagedCodes.Bytes(default(TFormat).Bits), ColumnsShift);
        default(TValues).Prepare(arguments, shared, (place.Warp * 32) + lane, place.Warps * 32);
        // Up to here the weight alone was read, which no kernel writes.
        PtxGrid.LetNextBegin();
        PtxGrid.WaitForPrevious();
        Inputs inputs = LoadInputs(arguments, place);
        if ((Lab.Mode & 256) != 0 && (2 * Group.DimY) < place.Units)
        {
            PtxMemory.PrefetchToL2(at.Codes - (lane * 16) + ((lane & 15) * 128) + ((long)((1 + (lane >> 4)) * Group.DimY * arguments.Slices) * PackedSlice<TCodes, TFormat, TRaw, TConstants>.CodeBytes));
        }

        PtxGrid.Barrier();
        if (stationary.ClusterShift != 0)
            PtxGrid.AwaitCluster();
        AddUnits(stationary, place, exchange, stage, at, scalesAt, scales, inputs, default(TValues).Key(arguments, shared, lane));
        if (stationary.ClusterShift != 0)
            StationaryGroup.AddRanks<TElement>(stationary, place, exchange, ColumnsShift);
    }

    /// <summary>The warp's sums of each of its units, of which the first one has been loaded, and the group's.</summary>
    private static void AddUnits(
        StationaryArguments stationary, StationaryPlace place, StationaryExchange exchange, StagedCodes stage, Addresses at, uint scalesAt, Scales scales, Inputs inputs, uint key)
    {
        DecodeArguments arguments = stationary.Product;
        int step = Group.DimY * arguments.Slices;
        uint fragmentStep = (uint)((Group.DimX >> 5) * StationaryGroup.FragmentBytes);
        uint sums = exchange.End + (uint)((place.Slot * StationaryGroup.FragmentBytes) + (place.Lane * 16));
        int unit = Group.IdxY;
        uint otherScales = 512;
        uint other = (uint)(DecodeGroup.Warps * default(TFormat).Bits * StagedCodes.WordStride);
        uint parity = 0;
        uint first = place.Lane == 0 ? 1u : 0u;
        Addresses ahead = at;
        if ((Lab.Mode & 32) != 0)
            at.Codes -= place.Lane * 16;
        if ((Lab.Mode & 16) != 0)
        {
            ahead = Next(at, unit + Group.DimY < place.Units ? step : 0);
            stage.Step(other).BeginCopy<TCodes, TFormat>(ahead.Codes);
        }

        for (int round = 0; round < place.Units; round += arguments.RoundUnits)
        {
            int end = IntrinsicMath.Min(round + arguments.RoundUnits, place.Units);
            for (; unit < end; unit += Group.DimY)
            {
                bool hasNext = unit + Group.DimY < place.Units;
                if ((Lab.Mode & 128) != 0)
                {
                    int bits = default(TFormat).Bits;
                    PtxMemory.AwaitAllButLast();
                    PtxGrid.WarpBarrier();
                    TCodes half = stage.Load<TCodes, TFormat>();
                    PtxGrid.WarpBarrier();
                    at = Next(at, hasNext ? step : 0);
                    stage.BeginHalf(at.Codes, bits, 0, hasNext || (Lab.Mode & 4) != 0);
                    TSums total = AddFirstTile(arguments, half, scales, inputs, key);
                    PtxMemory.AwaitAllButLast();
                    PtxGrid.WarpBarrier();
                    half = stage.Load<TCodes, TFormat>();
                    PtxGrid.WarpBarrier();
                    stage.BeginHalf(at.Codes, bits, 1, hasNext || (Lab.Mode & 4) != 0);
                    scales.First = default(TConstants).Load(at.Constants);
                    scales.FirstOffsets = default(TOffsets).Load(at.Offsets);
                    total = AddSecondTile(arguments, half, scales, inputs, key, total);
                    scales.Second = default(TConstants).Load(at.Constants + (PackedLayout.TileConstants * default(TConstants).Size));
                    scales.SecondOffsets = default(TOffsets).Load(at.Offsets + (PackedLayout.TileConstants * default(TOffsets).Size));
                    default(TColumns).Store(total, sums + ((uint)((unit - round) << ColumnsShift) * fragmentStep), fragmentStep);
                    continue;
                }

                if ((Lab.Mode & 32) != 0)
                {
                    PtxBulkCopy.Await(stage.Barrier, parity);
                    parity ^= 1;
                }
                else if ((Lab.Mode & 16) != 0)
                {
                    PtxMemory.AwaitAllButLast();
                    PtxGrid.WarpBarrier();
                }
                else
                {
                    StagedCodes.Await();
                }

                if ((Lab.Mode & 8) != 0 && hasNext)
                    stage.Step(other).BeginCopy<TCodes, TFormat>(Next(at, step).Codes);
                TCodes codes = stage.Load<TCodes, TFormat>();
                if ((Lab.Mode & 8) == 0)
                    PtxGrid.WarpBarrier();
                TSums sum = default;
                if ((Lab.Mode & 64) != 0)
                    scales = LoadShared(scalesAt, place.Lane);
                if ((Lab.Mode & 1) != 0)
                    sum = AddFirstTile(arguments, codes, scales, inputs, key);
                at = Next(at, hasNext ? step : 0);
                if ((Lab.Mode & 64) != 0)
                {
                    CopyScales<TConstants>(scalesAt + otherScales, at.Constants, place.Lane);
                    CopyScales<TOffsets>(scalesAt + otherScales + 256, at.Offsets, place.Lane);
                    scalesAt += otherScales;
                    otherScales = 0 - otherScales;
                }

                if ((Lab.Mode & 16) != 0)
                {
                    bool hasOther = unit + (2 * Group.DimY) < place.Units;
                    ahead = Next(ahead, hasOther ? step : 0);
                    stage.BeginCopy<TCodes, TFormat>(ahead.Codes);
                }
                else if ((Lab.Mode & 32) != 0)
                {
                    PtxBulkCopy.BeginRun(hasNext ? first : 0, stage.Copies, stage.Barrier, PackedSlice<TCodes, TFormat, TRaw, TConstants>.CodeBytes, at.Codes);
                }
                else if ((Lab.Mode & 8) == 0 && (hasNext || (Lab.Mode & 4) != 0))
                {
                    stage.BeginCopy<TCodes, TFormat>(at.Codes);
                }

                if ((Lab.Mode & 24) != 0)
                {
                    stage = stage.Step(other);
                    other = 0 - other;
                }

                if ((Lab.Mode & 1) == 0 && (Lab.Mode & 2) != 0)
                    sum = AddFirstTile(arguments, codes, scales, inputs, key);
                Scales next = default;
                if ((Lab.Mode & 512) == 0)
                    next = (Lab.Mode & 64) != 0 ? default : Load(at);
                if ((Lab.Mode & 3) == 0)
                    sum = AddFirstTile(arguments, codes, scales, inputs, key);
                if ((Lab.Mode & 512) != 0)
                {
                    PtxGrid.WarpBarrier();
                    scales.First = default(TConstants).Load(at.Constants);
                    scales.FirstOffsets = default(TOffsets).Load(at.Offsets);
                    sum = AddSecondTile(arguments, codes, scales, inputs, key, sum);
                    scales.Second = default(TConstants).Load(at.Constants + (PackedLayout.TileConstants * default(TConstants).Size));
                    scales.SecondOffsets = default(TOffsets).Load(at.Offsets + (PackedLayout.TileConstants * default(TOffsets).Size));
                }
                else
                {
                    sum = AddSecondTile(arguments, codes, scales, inputs, key, sum);
                    scales = next;
                }

                default(TColumns).Store(sum, sums + ((uint)((unit - round) << ColumnsShift) * fragmentStep), fragmentStep);
            }

            PtxGrid.Barrier();
            StationaryGroup.AddSlices<TElement>(stationary, place, exchange, round, end - round, ColumnsShift);
            if (end < place.Units)
                PtxGrid.Barrier();
        }
    }

    /// <summary>A lane's addresses of the warp's slice of its first unit.</summary>
    private static Addresses FirstSlice(DecodeArguments arguments, StationaryPlace place)
    {
        long index = ((long)(place.FirstUnit + IntrinsicMath.Min(Group.IdxY, place.Units - 1)) * arguments.Slices) + place.Slice;
        return new()
        {
            Codes = PackedSlice<TCodes, TFormat, TRaw, TConstants>.Codes(arguments, index) + (place.Lane * 16),
            Constants = PackedSlice<TCodes, TFormat, TRaw, TConstants>.Constants(arguments, index, place.Lane),
            Offsets = arguments.Offsets + (PackedSlice<TCodes, TFormat, TRaw, TConstants>.ConstantIndex(index, place.Lane) * default(TOffsets).Size),
        };
    }

    /// <summary>Those of a later slice.</summary>
    private static Addresses Next(Addresses at, int slices)
    {
        at.Codes += (long)slices * PackedSlice<TCodes, TFormat, TRaw, TConstants>.CodeBytes;
        at.Constants += (long)slices * PackedSlice<TCodes, TFormat, TRaw, TConstants>.ConstantBytes;
        at.Offsets += (long)slices * (2 * PackedLayout.TileConstants * default(TOffsets).Size);
        return at;
    }

    private static void CopyScales<T>(uint shared, long address, int lane)
        where T : struct, ITileConstants<TRaw>
    {
        if (default(T).Size == 2)
            PtxMemory.BeginCopyOnceWord(shared + (uint)(lane * 4), address);
        else if (default(T).Size == 4)
            PtxMemory.BeginCopyOnce2(shared + (uint)(lane * 8), address);
    }

    private static Scales LoadShared(uint shared, int lane)
    {
        TConstants constants = default;
        TOffsets offsets = default;
        uint first = shared + (uint)(lane / 4 * 4 * constants.Size);
        uint second = shared + 256 + (uint)(lane / 4 * 4 * offsets.Size);
        return new()
        {
            First = constants.LoadShared(first),
            Second = constants.LoadShared(first + (uint)(PackedLayout.TileConstants * constants.Size)),
            FirstOffsets = offsets.LoadShared(second),
            SecondOffsets = offsets.LoadShared(second + (uint)(PackedLayout.TileConstants * offsets.Size)),
        };
    }

    /// <summary>Begins to load the constants and offsets of a slice.</summary>
    private static Scales Load(Addresses at)
    {
        TConstants constants = default;
        TOffsets offsets = default;
        return new()
        {
            First = constants.Load(at.Constants),
            Second = constants.Load(at.Constants + (PackedLayout.TileConstants * constants.Size)),
            FirstOffsets = offsets.Load(at.Offsets),
            SecondOffsets = offsets.Load(at.Offsets + (PackedLayout.TileConstants * offsets.Size)),
        };
    }

    private static Inputs LoadInputs(DecodeArguments arguments, StationaryPlace place)
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
            D = columns.Load(x + (3 * QuarterBytes), eightRows, rows),
            E = columns.Load(x + (4 * QuarterBytes), eightRows, secondRows),
            F = columns.Load(x + (5 * QuarterBytes), eightRows, secondRows),
            G = columns.Load(x + (6 * QuarterBytes), eightRows, secondRows),
            H = columns.Load(x + (7 * QuarterBytes), eightRows, secondRows),
        };
    }

    private static TSums AddFirstTile(DecodeArguments arguments, TCodes codes, Scales scales, Inputs inputs, uint key)
    {
        TFormat format = default;
        return AddTile(
            arguments, format.FirstTileLow(codes), format.FirstTileHigh(codes), scales.First, scales.FirstOffsets,
            inputs.A, inputs.B, inputs.C, inputs.D, key, default);
    }

    private static TSums AddSecondTile(DecodeArguments arguments, TCodes codes, Scales scales, Inputs inputs, uint key, TSums sums)
    {
        TFormat format = default;
        return AddTile(
            arguments, format.SecondTileLow(codes), format.SecondTileHigh(codes), scales.Second, scales.SecondOffsets,
            inputs.E, inputs.F, inputs.G, inputs.H, key, sums);
    }

    private static TSums AddTile(
        DecodeArguments arguments, Symbols low, Symbols high, TRaw constants, TRaw offsets, TInputs a, TInputs b, TInputs c, TInputs d, uint key, TSums sums)
    {
        TValues values = default;
        TColumns columns = default;
        TSums products = columns.Add(default, values.FirstQuarter(low, key), values.FirstQuarter(high, key), a);
        products = columns.Add(products, values.SecondQuarter(low, key), values.SecondQuarter(high, key), b);
        sums = columns.AddScaled(sums, products, default(TConstants).FirstChunk(constants));
        sums = AddOffsets(arguments, sums, default(TOffsets).FirstChunk(offsets), a, b);
        products = columns.Add(default, values.ThirdQuarter(low, key), values.ThirdQuarter(high, key), c);
        products = columns.Add(products, values.FourthQuarter(low, key), values.FourthQuarter(high, key), d);
        sums = columns.AddScaled(sums, products, default(TConstants).SecondChunk(constants));
        return AddOffsets(arguments, sums, default(TOffsets).SecondChunk(offsets), c, d);
    }

    /// <summary>sums + offsets * (ones * inputs), over a chunk.</summary>
    private static TSums AddOffsets(DecodeArguments arguments, TSums sums, Floats2 offsets, TInputs first, TInputs second)
    {
        TColumns columns = default;
        if (default(TOffsets).Size == 0)
            return sums;
        uint one = default(TElement).Twice(1);
        var ones = new Words4 { X = one, Y = one, Z = one, W = one };
        offsets = new() { X = offsets.X * arguments.OffsetScale, Y = offsets.Y * arguments.OffsetScale };
        return columns.AddScaled(sums, columns.Add(columns.Add(default, ones, ones, first), ones, ones, second), offsets);
    }

    /// <summary>Where a lane finds its part of a slice of a unit; of the codes, what it copies.</summary>
    private struct Addresses
    {
        public long Codes;
        public long Constants;
        public long Offsets;
    }

    /// <summary>A lane's constants and offsets of a slice of a unit.</summary>
    private struct Scales
    {
        public TRaw First;
        public TRaw Second;
        public TRaw FirstOffsets;
        public TRaw SecondOffsets;
    }

    /// <summary>The inputs of a slice, of each 32 columns.</summary>
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
    }
}
