using KBitQuant.Compute.Gpu.Cuda;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda;

/// <summary>How a product of a batch is divided among groups and warps.</summary>
/// <param name="Strips">Warps of a part, which divide the rows.</param>
/// <param name="Parts">Parts of a group, which divide the columns.</param>
/// <param name="ClusterSize">Groups of a cluster, which divide the columns too.</param>
internal readonly record struct BatchPlan(int Strips, int Parts, int ClusterSize)
{
    /// <summary>The most groups of a cluster that every GPU with clusters allows.</summary>
    private const int LargestCluster = 8;

    // As measured on an H200, in accesses of 128 bytes of a multiprocessor to its shared memory and L1.
    private const int PartCost = 150;
    private const int ClusterCost = 1000;
    private const int RankCost = 500;
    private const int RoundCost = 2800;

    /// <summary>What groups that run side by side gain by hiding each other's barriers.</summary>
    private const double NeighborFactor = 0.97;

    /// <summary>Warps whose number matters as much as their work does: few do not hide latencies.</summary>
    private const double IdleWarps = 2;

    /// <summary>The plan that is the fastest by what was measured: above all one whose busiest multiprocessor has the least to do.</summary>
    /// <param name="work">The product.</param>
    /// <param name="gpu">What there is to run on.</param>
    /// <param name="countClusters">How many clusters of a grid run at the same time; null where there are no clusters.</param>
    public static BatchPlan For(BatchWork work, BatchGpu gpu, Func<CudaGrid, int>? countClusters)
    {
        BatchPlan best = default;
        double least = double.PositiveInfinity;
        foreach (BatchPlan plan in All(work, countClusters is null ? 1 : LargestCluster))
        {
            double cost = plan.Cost(work, gpu);
            // All clusters have to run at the same time; the driver knows.
            if (cost >= least || (plan.ClusterSize > 1 && countClusters!(plan.Grid(work, gpu)) < plan.Tiles(work) * work.Batches))
                continue;
            least = cost;
            best = plan;
        }

        return best;
    }

    /// <summary>The grid of the plan. Where there is a group for each multiprocessor at most, it asks for half of the shared memory:
    /// otherwise a multiprocessor may get two groups while another has none.</summary>
    public CudaGrid Grid(BatchWork work, BatchGpu gpu)
    {
        int groups = Tiles(work) * ClusterSize;
        int sharedBytes = BatchGroup.SharedBytes(Strips, Parts, work.Columns);
        if (groups * work.Batches <= gpu.Multiprocessors)
            sharedBytes = Math.Max(sharedBytes, gpu.SharedBytes / 2);
        return new CudaGrid(groups, Strips * 32, sharedBytes, work.Batches, ClusterSize, Parts);
    }

    private static IEnumerable<BatchPlan> All(BatchWork work, int largestCluster)
    {
        int most = BatchGroup.MaxSize / 32;
        for (int count = 1; count <= most; count++)
        {
            for (int parts = 1; parts <= Math.Min(Math.Min(most / count, BatchGroup.MaxParts), work.Slices); parts++)
            {
                for (int size = 1; size <= Math.Min(largestCluster, work.Slices / parts); size++)
                    yield return new(count, parts, size);
            }
        }
    }

    private int Tiles(BatchWork work) => ((work.Units - 1) / (BatchGroup.WarpUnits * Strips)) + 1;

    /// <summary>What the busiest multiprocessor has to do; infinite where a group does not fit.</summary>
    private double Cost(BatchWork work, BatchGpu gpu)
    {
        CudaGrid grid = Grid(work, gpu);
        int warps = grid.GroupSize * Parts / 32;
        int fitting = Math.Min(BatchGroup.MaxSize / 32 / warps, gpu.SharedBytes / (grid.SharedBytes + BatchGpu.ReservedBytes));
        if (fitting == 0)
            return double.PositiveInfinity;
        int groups = (((grid.X * work.Batches) - 1) / gpu.Multiprocessors) + 1;
        int sideBySide = Math.Min(groups, fitting);
        int slices = ((work.Slices - 1) / (Parts * ClusterSize)) + 1;
        double cost = (double)groups * slices * ((warps * SliceCost(work.Columns)) + (Parts * CopyCost(work.Columns)));
        cost *= 1 + (IdleWarps / (warps * sideBySide));
        if (sideBySide > 1)
            cost *= NeighborFactor;
        double cluster = ClusterSize == 1 ? 0 : (ClusterCost + (RankCost * ClusterSize)) / (double)sideBySide;
        return cost + cluster + (PartCost * Parts) + (RoundCost * ((groups - 1) / fitting));
    }

    /// <summary>Accesses to shared memory for the inputs of a slice: each of their 512 bytes a row is written, and read before.</summary>
    private static int CopyCost(int columns) => 8 * columns;

    /// <summary>Accesses for a slice of a warp: 64 look-ups for each of its units, the weight itself, and the inputs.</summary>
    private static int SliceCost(int columns) => 164 + (4 * columns);
}
