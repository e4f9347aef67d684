using ILGPU;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Stationary;

/// <summary>
/// The shared memory of the groups of the kernels whose inputs stay in registers, and how they add up. Behind the table are the sums of a round of units, [unit][eight
/// input rows][slot]: of each the 16 x 8 sums as the lanes of a warp have them, 16 bytes each. In a cluster, the totals of all of the
/// group's units follow, likewise.
/// </summary>
internal static class StationaryGroup
{
    /// <summary>The most threads of a group.</summary>
    public const int MaxSize = 512;

    /// <summary>Bytes of the sums of 16 weight rows and eight input rows.</summary>
    public const int FragmentBytes = PackedLayout.UnitRows * 8 * sizeof(float);

    private const int LaneBytes = FragmentBytes / 32;

    /// <summary>Adds the sums of a round's units over the slices of the group, in their order. Without a cluster these are the outputs.</summary>
    /// <param name="arguments">The kernel's.</param>
    /// <param name="place">The thread's.</param>
    /// <param name="exchange">Where they go in a cluster; the sums follow it.</param>
    /// <param name="unit">The round's first unit, counted in the cluster.</param>
    /// <param name="units">The round's units.</param>
    /// <param name="columnsShift">The logarithm of how many times eight input rows there are.</param>
    public static void AddSlices<TElement>(
        StationaryArguments arguments, StationaryPlace place, StationaryExchange exchange, int unit, int units, int columnsShift)
        where TElement : struct, ITensorElement
    {
        uint slots = (uint)(Group.DimX >> 5);
        for (int i = place.Warp; i < units << columnsShift; i += place.Warps)
        {
            uint at = exchange.End + ((uint)i * slots * FragmentBytes) + (uint)(place.Lane * LaneBytes);
            Floats4 sum = AddSlices(at, place.Slices);
            int fragment = (unit << columnsShift) + i;
            if (arguments.ClusterShift == 0)
                Write<TElement>(arguments.Product, place, sum, fragment, columnsShift);
            else
                PtxBulkCopy.StoreToRank(
                    exchange.Place(arguments, fragment, place.Rank, place.Lane), exchange.Barrier, fragment & (arguments.Product.ClusterSize - 1), sum);
        }
    }

    /// <summary>Adds a fragment of all slices, four loads at a time.</summary>
    private static Floats4 AddSlices(uint at, int slices)
    {
        Floats4 sum = default;
        for (; slices >= 4; slices -= 4, at += 4 * FragmentBytes)
        {
            Floats4 first = PtxMemory.LoadSharedFloats4(at);
            Floats4 second = PtxMemory.LoadSharedFloats4(at + FragmentBytes);
            Floats4 third = PtxMemory.LoadSharedFloats4(at + (2 * FragmentBytes));
            Floats4 fourth = PtxMemory.LoadSharedFloats4(at + (3 * FragmentBytes));
            sum = Add(Add(Add(Add(sum, first), second), third), fourth);
        }

        for (; slices > 0; slices--, at += FragmentBytes)
            sum = Add(sum, PtxMemory.LoadSharedFloats4(at));
        return sum;
    }

    /// <summary>Adds the totals of a cluster's groups, in their order, each group some of them.</summary>
    public static void AddRanks<TElement>(StationaryArguments arguments, StationaryPlace place, StationaryExchange exchange, int columnsShift)
        where TElement : struct, ITensorElement
    {
        int ranks = arguments.Product.ClusterSize;
        PtxBulkCopy.Await(exchange.Barrier, 0);
        for (int i = (place.Warp * ranks) + place.Rank; i < place.Units << columnsShift; i += place.Warps * ranks)
        {
            Floats4 sum = default;
            for (int rank = 0; rank < ranks; rank++)
                sum = Add(sum, PtxMemory.LoadSharedFloats4(exchange.Place(arguments, i, rank, place.Lane)));
            Write<TElement>(arguments.Product, place, sum, i, columnsShift);
        }
    }

    private static Floats4 Add(Floats4 a, Floats4 b) => new() { X = a.X + b.X, Y = a.Y + b.Y, Z = a.Z + b.Z, W = a.W + b.W };

    /// <summary>Writes a lane's outputs: weight rows g and g + 8, input rows 2t and 2t + 1.</summary>
    private static void Write<TElement>(DecodeArguments arguments, StationaryPlace place, Floats4 sum, int fragment, int columnsShift)
        where TElement : struct, ITensorElement
    {
        int n = ((place.FirstUnit + (fragment >> columnsShift)) * PackedLayout.UnitRows) + (place.Lane >> 2);
        int m = ((fragment & ((1 << columnsShift) - 1)) * 8) + ((place.Lane & 3) * 2);
        Write<TElement>(arguments, n, m, sum.X, sum.Y);
        Write<TElement>(arguments, n + 8, m, sum.Z, sum.W);
    }

    private static void Write<TElement>(DecodeArguments arguments, int n, int m, float first, float second)
        where TElement : struct, ITensorElement
    {
        TElement element = default;
        if (n >= arguments.N)
            return;
        float bias = arguments.HasBias == 0 ? 0 : Interop.IntAsFloat(PtxMemory.Load(arguments.Bias + ((long)n * sizeof(float))));
        long y = arguments.Y + ((((long)m * arguments.N) + n) * sizeof(ushort));
        if (m < arguments.M)
            PtxMemory.StoreShort(y, element.Round((first * arguments.OutputScale) + bias));
        if (m + 1 < arguments.M)
            PtxMemory.StoreShort(y + ((long)arguments.N * sizeof(ushort)), element.Round((second * arguments.OutputScale) + bias));
    }
}
