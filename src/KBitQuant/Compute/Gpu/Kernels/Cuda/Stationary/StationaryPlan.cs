using KBitQuant.Compute.Gpu.Cuda;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Stationary;

/// <summary>How a product whose inputs stay in registers is divided.</summary>
/// <param name="ClusterSize">Groups of a cluster, which divide the slices.</param>
/// <param name="Slots">Warps of a group that divide its slices.</param>
/// <param name="Phases">So many warps each, which take units in turn.</param>
/// <param name="Clusters">Clusters, which divide the units.</param>
/// <param name="Units">The most units of a cluster, in whole turns of <see cref="StationaryVariant.UnitsAtOnce"/>.</param>
/// <param name="RoundUnits">Units whose sums shared memory holds at a time.</param>
internal readonly record struct StationaryPlan(int ClusterSize, int Slots, int Phases, int Clusters, int Units, int RoundUnits)
{
    /// <summary>The largest clusters, by input rows: beyond, <see cref="BatchPlan"/> is faster.</summary>
    private const int LargestClusterOf8 = 8;
    private const int LargestClusterOf16 = 4;
    private const int MaxWarps = StationaryGroup.MaxSize / 32;

    /// <summary>Bytes of shared memory for the totals of a cluster.</summary>
    private const int MaxTotalBytes = 0xC000;

    /// <summary>The plan with the smallest clusters whose warps have a slice each; null where there is none.</summary>
    /// <param name="work">The product, of one batch.</param>
    /// <param name="variant">The kernel.</param>
    /// <param name="gpu">What there is to run on.</param>
    /// <param name="countClusters">How many clusters of a grid run at the same time; null where there are no clusters.</param>
    public static StationaryPlan? For(BatchWork work, StationaryVariant variant, BatchGpu gpu, Func<CudaGrid, int>? countClusters)
    {
        int size = 1;
        while (SlotsOf(work, size) > MaxWarps)
            size *= 2;
        int turns = variant.TurnsOf(work.Units);
        int clusters = Math.Min(gpu.Multiprocessors, turns);
        int space = gpu.SharedBytes - BatchGpu.ReservedBytes - variant.StageBytes;
        if (size > 1)
        {
            if (countClusters is null || size > (work.Columns <= 8 ? LargestClusterOf8 : LargestClusterOf16))
                return null;
            int active = countClusters(new CudaGrid(size, StationaryGroup.MaxSize, gpu.SharedBytes - BatchGpu.ReservedBytes, 1, size));
            int fewest = ((work.Units - 1) / (MaxTotalBytes / UnitBytes(work))) + 1;
            clusters = Math.Min(Math.Max(active, fewest), turns);
        }

        int slots = SlotsOf(work, size);
        turns = ((turns - 1) / clusters) + 1;
        int units = turns * variant.UnitsAtOnce;
        space -= ExchangeBytes(work, units, size);
        int phases = Math.Min(MaxWarps / slots, turns);
        int round = Math.Min(units, space / (slots * UnitBytes(work)));
        // Each round begins with the first phase.
        if (variant.UnitsAtOnce > 1 && round < units)
            round -= round % (phases * variant.UnitsAtOnce);
        return round < 1 ? null : new(size, slots, phases, clusters, units, round);
    }

    private static int SlotsOf(BatchWork work, int clusterSize) => ((work.Slices - 1) / clusterSize) + 1;

    /// <summary>The grid.</summary>
    public CudaGrid Grid(BatchWork work, int stageBytes)
    {
        int bytes = stageBytes + ExchangeBytes(work, Units, ClusterSize) + (RoundUnits * Slots * UnitBytes(work));
        return new CudaGrid(ClusterSize, Slots * 32, bytes, Clusters, ClusterSize, Phases);
    }

    private static int ExchangeBytes(BatchWork work, int units, int clusterSize) => StationaryExchange.Bytes(units * Fragments(work), clusterSize, StationaryGroup.FragmentBytes(work.Columns));

    private static int UnitBytes(BatchWork work) => Fragments(work) * StationaryGroup.FragmentBytes(work.Columns);

    /// <summary>Fragments of a unit.</summary>
    private static int Fragments(BatchWork work) => Math.Max(work.Columns / 8, 1);
}
