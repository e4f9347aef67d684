using ILGPU;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Constants;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Tables;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Values;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Prefill;

/// <summary>
/// y = x W^T for large batches, on the tensor cores of architecture 90. A group computes tiles of 128 weight rows, 16 in each warp, by 32
/// to 256 input rows. Weights become values in registers, constants multiplied in, and are multiplied from
/// there with inputs in shared memory; while the tensor cores are at one chunk of 64 columns, the warps decode the next one.
/// What groups compute and the order in which sums are added depend on the shapes alone: the same bits on every run.
/// </summary>
internal static class PrefillKernel<TCodes, TFormat, TLookup, TValues, TRaw, TConstants, TOffsets, TElement, TColumns>
    where TCodes : unmanaged
    where TFormat : struct, ICodeFormat<TCodes>
    where TLookup : struct, ITableLookup
    where TValues : struct, ICodeValues
    where TRaw : unmanaged
    where TConstants : struct, ITileConstants<TRaw>
    where TOffsets : struct, ITileConstants<TRaw>
    where TElement : struct, ITensorElement
    where TColumns : struct, IPrefillColumns
{
    /// <summary>How many chunks before they are needed inputs begin to be copied.</summary>
    private const int Ahead = 2;

    /// <summary>Whether another group has the same inputs.</summary>
    private static bool HasCluster => default(TColumns).ClusterSize > 1;

    /// <summary>Whether there are registers to ask for the next slice two chunks ahead, not one.</summary>
    private static bool IsEarly => default(TFormat).Bits <= 4 && default(TOffsets).Size < sizeof(float) && default(TColumns).HasSpareRegisters;

    public static void Run(PrefillArguments arguments)
    {
        PrefillSchedule schedule = arguments.Schedule;
        int thread = Group.IdxX;
        int cluster = HasCluster ? Grid.IdxX >> 1 : Grid.IdxX;
        uint shared = PtxMemory.DynamicShared();
        PrefillPart part = schedule.First(cluster);
        Slice<TCodes, TRaw> weight = Load(arguments, FirstSlice(arguments, part, thread), thread);
        default(TValues).Prepare(arguments.Product, shared, thread, PrefillGroup.Size);
        if (thread == 0)
        {
            PtxBulkCopy.PrefetchMap();
            PrefillGroup.MakeBarriers(default(TColumns), shared);
        }

        PtxGrid.LetNextBegin();
        if (HasCluster)
            PtxGrid.ArriveInCluster();
        PtxGrid.Barrier();
        if (HasCluster)
            PtxGrid.AwaitCluster();
        // Up to here the weight alone was read, which no kernel writes.
        PtxGrid.WaitForPrevious();
        BeginCopy(shared, 0, part, part.Begin, thread);
        BeginCopy(shared, 1, part, part.Begin, thread);

        int slices = 0;
        while (part.RowTile >= 0)
        {
            PrefillPart next = schedule.Next(cluster, part);
            Multiply(arguments, shared, part, next, weight, slices, thread);
            slices += part.End - part.Begin;
            weight = Load(arguments, FirstSlice(arguments, next, thread), thread);
            End(arguments, shared, part, cluster, thread);
            part = next;
        }

        AwaitNeighbor(shared, slices - 1);
    }

    /// <summary>Hands the sums of a part to another group, or adds what others hand over and writes the outputs.</summary>
    private static void End(PrefillArguments arguments, uint shared, PrefillPart part, int cluster, int thread)
    {
        TColumns columns = default;
        PrefillSchedule schedule = arguments.Schedule;
        uint outputs = PrefillGroup.Outputs(columns, shared);
        int firstColumn = part.ColumnTile * columns.Count;
        var own = ColumnShare.Of(columns.Count, arguments.Product.M - firstColumn, part.Share, schedule.Sharers);
        if (schedule.Sharers > 1)
        {
            var tile = new SharedTile
            {
                FirstGroup = Grid.IdxX - (part.Share * columns.ClusterSize),
                GroupStep = columns.ClusterSize,
                Share = part.Share,
                Room = PrefillGroup.Inputs(columns, shared, 0),
                Own = own,
            };
            PrefillExchange.Share(arguments, tile, columns.Count, thread);
            PrefillOutput<TElement, TColumns>.WriteShare(arguments, tile, outputs, RowTile(part), firstColumn, thread);
            return;
        }

        if (part.Begin > 0)
        {
            PrefillExchange.Give(arguments, (part.Place * columns.ClusterSize) + Rank(), columns.Count, own.Count, thread);
            return;
        }

        int last = part.End < schedule.Slices ? schedule.LastPlace(cluster) : -1;
        for (int place = last < 0 ? 0 : schedule.FirstPlace(cluster); place <= last; place++)
            PrefillExchange.Take(arguments, (place * columns.ClusterSize) + Rank(), columns.Count, thread);
        PrefillOutput<TElement, TColumns>.Write(arguments.Product, outputs, RowTile(part), firstColumn, thread);
    }

    /// <summary>The place of the group in its cluster.</summary>
    private static int Rank() => HasCluster ? Grid.IdxX & 1 : 0;

    /// <summary>Waits until the other group of the cluster has all that this one copies to it, and has said so: a group that is gone can neither
    /// copy nor be told.</summary>
    /// <param name="shared">The group's shared memory.</param>
    /// <param name="last">The last slice, or -1.</param>
    private static void AwaitNeighbor(uint shared, int last)
    {
        for (int stage = 0; HasCluster && stage < PrefillGroup.Stages; stage++)
            PtxBulkCopy.Await(PrefillGroup.Emptied(default(TColumns), shared, stage), PrefillGroup.Parity(last));
    }

    /// <summary>The weight rows of the group in a part, in tiles of a group.</summary>
    private static int RowTile(PrefillPart part) => (part.RowTile * default(TColumns).ClusterSize) + Rank();

    /// <summary>The first slice of a warp's unit, counted through the weight. Warps beyond the last rows, and at the end of the work,
    /// take some slice that is there.</summary>
    private static long FirstSlice(PrefillArguments arguments, PrefillPart part, int thread)
    {
        int unit = (IntrinsicMath.Max(RowTile(part), 0) * PrefillGroup.Units) + (thread >> 5);
        return ((long)IntrinsicMath.Min(unit, arguments.Product.PaddedUnits - 1) * arguments.Product.Slices) + part.Begin;
    }

    private static Slice<TCodes, TRaw> Load(PrefillArguments arguments, long slice, int thread) => PackedSlice<TCodes, TFormat, TRaw, TConstants>.LoadForBatch(
        PackedSlice<TCodes, TFormat, TRaw, TConstants>.BatchCodes(arguments.Product, slice, thread & 31),
        PackedSlice<TCodes, TFormat, TRaw, TConstants>.Constants(arguments.Product, slice, thread & 31));

    /// <summary>Begins to copy what the group brings of the inputs of a chunk of a slice.</summary>
    private static void BeginCopy(uint shared, int chunk, PrefillPart part, int slice, int thread)
    {
        TColumns columns = default;
        int half = columns.Count / columns.ClusterSize * Rank();
        uint isWanted = thread == 0 && part.RowTile >= 0 ? 1u : 0u;
        uint destination = PrefillGroup.Inputs(columns, shared, chunk) + (uint)(half * PrefillGroup.RowBytes);
        uint barrier = PrefillGroup.Filled(columns, shared, chunk);
        int column = (slice * PackedLayout.SliceColumns) + (chunk * PackedLayout.ChunkColumns);
        int row = (part.ColumnTile * columns.Count) + half;
        if (HasCluster)
            PtxBulkCopy.BeginCopyToBoth(isWanted, destination, barrier, PrefillGroup.StageBytes(columns), column, row);
        else
            PtxBulkCopy.BeginCopy(isWanted, destination, barrier, PrefillGroup.StageBytes(columns), column, row);
    }

    /// <summary>The products over the slices of a part, of which the first one, and the inputs of its first chunks, have begun to come;
    /// those inputs of the next part then have. While the tensor cores are at a chunk, the next one is looked up.</summary>
    private static void Multiply(
        PrefillArguments arguments, uint shared, PrefillPart part, PrefillPart next, Slice<TCodes, TRaw> weight, int number, int thread)
    {
        TFormat format = default;
        TLookup lookup = default;
        TConstants constants = default;
        TOffsets offsets = default;
        int lane = thread & 31;
        uint key = default(TValues).Key(arguments.Product, shared, lane);
        long index = FirstSlice(arguments, part, thread);
        long codes = PackedSlice<TCodes, TFormat, TRaw, TConstants>.BatchCodes(arguments.Product, index, lane);
        long constantsAt = PackedSlice<TCodes, TFormat, TRaw, TConstants>.Constants(arguments.Product, index, lane);
        int tileOffsets = PackedLayout.TileConstants * offsets.Size;
        default(TColumns).Clear();
        Symbols symbols = lookup.Exchange(format.FirstTile(weight.Codes), lane);
        StepValues values = FirstChunk(symbols, key);
        for (int slice = part.Begin; slice < part.End; slice++, number++)
        {
            long offsetsAt = arguments.Product.Offsets
                + (PackedSlice<TCodes, TFormat, TRaw, TConstants>.ConstantIndex(index, lane) * offsets.Size);
            TRaw constants0 = weight.FirstConstants;
            TRaw constants1 = weight.SecondConstants;
            TRaw offsets0 = offsets.Load(offsetsAt);
            TRaw offsets1 = offsets.Load(offsetsAt + tileOffsets);
            BeginProducts(shared, 0, number, Scale(arguments.Product, values, constants.FirstChunk(constants0), offsets.FirstChunk(offsets0)));
            Refill(shared, 0, number, part, next, slice, thread);
            values = SecondChunk(symbols, key);
            PtxWarpgroup.AwaitAllButLast();
            Release(shared, 3, lane, slice > part.Begin);
            BeginProducts(shared, 1, number, Scale(arguments.Product, values, constants.SecondChunk(constants0), offsets.SecondChunk(offsets0)));
            Refill(shared, 1, number, part, next, slice, thread);
            symbols = lookup.Exchange(format.SecondTile(weight.Codes), lane);
            values = FirstChunk(symbols, key);
            bool hasNext = slice + 1 < part.End;
            index += hasNext ? 1 : 0;
            codes += hasNext ? PackedSlice<TCodes, TFormat, TRaw, TConstants>.CodeBytes : 0;
            constantsAt += hasNext ? PackedSlice<TCodes, TFormat, TRaw, TConstants>.ConstantBytes : 0;
            if (IsEarly)
                weight = PackedSlice<TCodes, TFormat, TRaw, TConstants>.LoadForBatch(codes, constantsAt);
            PtxWarpgroup.AwaitAllButLast();
            Release(shared, 0, lane);
            BeginProducts(shared, 2, number, Scale(arguments.Product, values, constants.FirstChunk(constants1), offsets.FirstChunk(offsets1)));
            Refill(shared, 2, number, part, next, slice, thread);
            values = SecondChunk(symbols, key);
            if (!IsEarly)
                weight = PackedSlice<TCodes, TFormat, TRaw, TConstants>.LoadForBatch(codes, constantsAt);
            PtxWarpgroup.AwaitAllButLast();
            Release(shared, 1, lane);
            BeginProducts(shared, 3, number, Scale(arguments.Product, values, constants.SecondChunk(constants1), offsets.SecondChunk(offsets1)));
            Refill(shared, 3, number, part, next, slice, thread);
            symbols = lookup.Exchange(format.FirstTile(weight.Codes), lane);
            values = FirstChunk(symbols, key);
            PtxWarpgroup.AwaitAllButLast();
            Release(shared, 2, lane);
        }

        PtxWarpgroup.AwaitAll();
        Release(shared, 3, lane);
    }

    private static StepValues FirstChunk(Symbols symbols, uint key) =>
        Join(default(TValues).FirstQuarter(symbols, key), default(TValues).SecondQuarter(symbols, key));

    private static StepValues SecondChunk(Symbols symbols, uint key) =>
        Join(default(TValues).ThirdQuarter(symbols, key), default(TValues).FourthQuarter(symbols, key));

    private static StepValues Join(QuarterValues first, QuarterValues second) =>
        new() { First = first.First, Second = first.Second, Third = second.First, Fourth = second.Second };

    /// <summary>Values times their constants.</summary>
    private static StepValues Scale(DecodeArguments product, StepValues values, Floats2 constants, Floats2 offsets)
    {
        Words2 factors = Fragments<TElement>.Twice(constants, product.ConstantScale);
        Words2 terms = default(TOffsets).Size == 0 ? default : Fragments<TElement>.Twice(offsets, product.OffsetScale);
        return new()
        {
            First = Fragments<TElement>.Scale(values.First, factors, terms),
            Second = Fragments<TElement>.Scale(values.Second, factors, terms),
            Third = Fragments<TElement>.Scale(values.Third, factors, terms),
            Fourth = Fragments<TElement>.Scale(values.Fourth, factors, terms),
        };
    }

    /// <summary>Begins the products of a chunk, when its inputs are there.</summary>
    private static void BeginProducts(uint shared, int chunk, int number, StepValues values)
    {
        TColumns columns = default;
        ulong inputs = PtxWarpgroup.Descriptor(PrefillGroup.Inputs(columns, shared, chunk));
        PtxBulkCopy.Await(PrefillGroup.Filled(columns, shared, chunk), PrefillGroup.Parity(number));
        PtxWarpgroup.Fence();
        columns.Multiply<TElement>(values.First, inputs);
        columns.Multiply<TElement>(values.Second, inputs + PtxWarpgroup.Step);
        columns.Multiply<TElement>(values.Third, inputs + (2 * PtxWarpgroup.Step));
        columns.Multiply<TElement>(values.Fourth, inputs + (3 * PtxWarpgroup.Step));
        PtxWarpgroup.EndBatch();
    }

    /// <summary>Tells both groups that the inputs of a chunk are no longer needed.</summary>
    private static void Release(uint shared, int chunk, int lane, bool isUsed = true)
    {
        TColumns columns = default;
        uint isWanted = isUsed && lane < columns.ClusterSize ? 1u : 0u;
        uint barrier = PrefillGroup.Emptied(columns, shared, chunk);
        if (HasCluster)
            PtxBulkCopy.Arrive(barrier, lane & 1, isWanted);
        else
            PtxBulkCopy.ArriveOwn(barrier, isWanted);
    }

    /// <summary>Begins to copy the inputs of a later chunk, when those in its stage are no longer needed.</summary>
    private static void Refill(uint shared, int chunk, int number, PrefillPart part, PrefillPart next, int slice, int thread)
    {
        if (thread >= 32)
            return;
        int later = (chunk + Ahead) & (PrefillGroup.Stages - 1);
        bool isSame = chunk + Ahead < PrefillGroup.Stages;
        bool isNextPart = !isSame && slice + 1 == part.End;
        int laterNumber = isSame ? number : number + 1;
        PtxBulkCopy.Await(PrefillGroup.Emptied(default(TColumns), shared, later), PrefillGroup.Parity(laterNumber) ^ 1);
        int laterSlice = isSame ? slice : isNextPart ? next.Begin : slice + 1;
        BeginCopy(shared, later, isNextPart ? next : part, laterSlice, thread);
    }
}
