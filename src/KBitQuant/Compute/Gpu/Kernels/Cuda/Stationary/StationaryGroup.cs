using ILGPU;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Stationary;

/// <summary>
/// The shared memory of the groups of the kernels whose inputs stay in registers, and how they add up. Behind the table are the sums of a round of units,
/// [unit][fragment][slot] (<see cref="IStationaryFragment"/>). In a cluster, the totals of all of the group's units follow, likewise.
/// </summary>
internal static class StationaryGroup
{
    /// <summary>The most threads of a group.</summary>
    public const int MaxSize = 512;

    /// <summary>Bytes of a lane's sums in a fragment.</summary>
    public const int LaneBytes = 4 * sizeof(float);

    /// <summary>Bytes of a fragment: the sums of 16 weight rows with the only input row or with eight.</summary>
    /// <param name="columns">Input rows that a product takes.</param>
    public static int FragmentBytes(int columns) => PackedLayout.UnitRows * (columns < 8 ? columns : 8) * sizeof(float);

    /// <summary>Adds the sums of a round's units over the slices of the group, in their order. Without a cluster these are the outputs.</summary>
    /// <param name="arguments">The kernel's.</param>
    /// <param name="place">The thread's.</param>
    /// <param name="exchange">Where they go in a cluster; the sums follow it.</param>
    /// <param name="unit">The round's first unit, counted in the cluster.</param>
    /// <param name="units">The round's units.</param>
    /// <param name="columnsShift">The logarithm of how many fragments a unit has.</param>
    public static void AddSlices<TElement, TFragment>(
        StationaryArguments arguments, StationaryPlace place, StationaryExchange exchange, int unit, int units, int columnsShift)
        where TElement : struct, ITensorElement
        where TFragment : struct, IStationaryFragment
    {
        int shift = default(TFragment).LanesShift;
        uint slots = (uint)(Group.DimX >> 5);
        for (int i = Thread(place); i < (units << columnsShift) << shift; i += place.Warps * 32)
        {
            int lane = i & ((1 << shift) - 1);
            uint at = exchange.End + ((uint)(i >> shift) * slots * (uint)exchange.FragmentBytes) + (uint)(lane * LaneBytes);
            Floats4 sum = AddSlices(at, place.Slices, (uint)exchange.FragmentBytes);
            int fragment = (unit << columnsShift) + (i >> shift);
            if (arguments.ClusterShift == 0)
                Write<TElement, TFragment>(arguments.Product, place, sum, fragment, lane, columnsShift);
            else
                PtxBulkCopy.StoreToRank(
                    exchange.Place(arguments, fragment, place.Rank, lane), exchange.Barrier, fragment & (arguments.Product.ClusterSize - 1), sum);
        }
    }

    /// <summary>Adds the totals of a cluster's groups, in their order, each group some of them.</summary>
    public static void AddRanks<TElement, TFragment>(StationaryArguments arguments, StationaryPlace place, StationaryExchange exchange, int columnsShift)
        where TElement : struct, ITensorElement
        where TFragment : struct, IStationaryFragment
    {
        int shift = default(TFragment).LanesShift;
        int ranks = arguments.Product.ClusterSize;
        int own = ((place.Units << columnsShift) - place.Rank + ranks - 1) >> arguments.ClusterShift;
        PtxBulkCopy.Await(exchange.Barrier, 0);
        for (int i = Thread(place); i < own << shift; i += place.Warps * 32)
        {
            int lane = i & ((1 << shift) - 1);
            int fragment = ((i >> shift) << arguments.ClusterShift) + place.Rank;
            Floats4 sum = default;
            for (int rank = 0; rank < ranks; rank++)
                sum = Add(sum, PtxMemory.LoadSharedFloats4(exchange.Place(arguments, fragment, rank, lane)));
            Write<TElement, TFragment>(arguments.Product, place, sum, fragment, lane, columnsShift);
        }
    }

    /// <summary>Writes the outputs of a weight row with two input rows. The bias is read once, before either.</summary>
    public static void Write<TElement>(DecodeArguments arguments, int n, int m, float first, float second)
        where TElement : struct, ITensorElement
    {
        if (n >= arguments.N)
            return;
        float bias = Bias(arguments, n);
        long y = Output(arguments, n, m);
        if (m < arguments.M)
            PtxMemory.StoreShort(y, Round<TElement>(arguments, first, bias));
        if (m + 1 < arguments.M)
            PtxMemory.StoreShort(y + ((long)arguments.N * sizeof(ushort)), Round<TElement>(arguments, second, bias));
    }

    /// <summary>Writes the output of a weight row with the first input row.</summary>
    public static void Write<TElement>(DecodeArguments arguments, int n, float sum)
        where TElement : struct, ITensorElement
    {
        if (n < arguments.N)
            PtxMemory.StoreShort(Output(arguments, n, 0), Round<TElement>(arguments, sum, Bias(arguments, n)));
    }

    private static float Bias(DecodeArguments arguments, int n) =>
        arguments.HasBias == 0 ? 0 : PtxMemory.LoadFloat(arguments.Bias + ((long)n * sizeof(float)));

    private static long Output(DecodeArguments arguments, int n, int m) => arguments.Y + ((((long)m * arguments.N) + n) * sizeof(ushort));

    private static uint Round<TElement>(DecodeArguments arguments, float sum, float bias)
        where TElement : struct, ITensorElement => default(TElement).Round((sum * arguments.OutputScale) + bias);

    private static int Thread(StationaryPlace place) => (place.Warp * 32) + place.Lane;

    /// <summary>Adds a lane's sums of all slices, four loads at a time.</summary>
    private static Floats4 AddSlices(uint at, int slices, uint step)
    {
        Floats4 sum = default;
        for (; slices >= 4; slices -= 4, at += 4 * step)
        {
            Floats4 first = PtxMemory.LoadSharedFloats4(at);
            Floats4 second = PtxMemory.LoadSharedFloats4(at + step);
            Floats4 third = PtxMemory.LoadSharedFloats4(at + (2 * step));
            Floats4 fourth = PtxMemory.LoadSharedFloats4(at + (3 * step));
            sum = Add(Add(Add(Add(sum, first), second), third), fourth);
        }

        for (; slices > 0; slices--, at += step)
            sum = Add(sum, PtxMemory.LoadSharedFloats4(at));
        return sum;
    }

    private static Floats4 Add(Floats4 a, Floats4 b) => new() { X = a.X + b.X, Y = a.Y + b.Y, Z = a.Z + b.Z, W = a.W + b.W };

    private static void Write<TElement, TFragment>(DecodeArguments arguments, StationaryPlace place, Floats4 sum, int fragment, int lane, int columnsShift)
        where TElement : struct, ITensorElement
        where TFragment : struct, IStationaryFragment
    {
        int n = (place.FirstUnit + (fragment >> columnsShift)) * PackedLayout.UnitRows;
        int m = (fragment & ((1 << columnsShift) - 1)) * 8;
        default(TFragment).Write<TElement>(arguments, n, m, lane, sum);
    }
}
