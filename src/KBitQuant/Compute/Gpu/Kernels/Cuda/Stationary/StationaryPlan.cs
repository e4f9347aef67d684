using System.Numerics;
using KBitQuant.Compute.Gpu.Cuda;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Stationary;

/// <summary>How a product whose inputs stay in registers is divided.</summary>
/// <param name="ClusterSize">Groups of a cluster, which divide the slices.</param>
/// <param name="Slots">Warps of a group that divide its slices.</param>
/// <param name="Phases">So many warps each, which take units in turn.</param>
/// <param name="Clusters">Clusters, which divide the units.</param>
/// <param name="Buffers">Units whose sums shared memory holds, a power of two.</param>
/// <param name="SharedBytes">Bytes of shared memory of a group.</param>
internal readonly record struct StationaryPlan(int ClusterSize, int Slots, int Phases, int Clusters, int Buffers, int SharedBytes)
{
    /// <summary>The largest clusters, by input rows: beyond, <see cref="BatchPlan"/> is faster.</summary>
    private const int LargestClusterOf8 = 8;
    private const int LargestClusterOf16 = 4;
    private const int MaxWarps = StationaryGroup.MaxSize / 32;

    /// <summary>Buffers beyond which more bring nothing.</summary>
    private const int ManyBuffers = 8;

    /// <summary>Bytes of shared memory for the totals of a cluster.</summary>
    private const int MaxTotalBytes = 0xC000;

    /// <summary>The plan with the smallest clusters whose warps have a slice each; null where there is none.</summary>
    /// <param name="work">The product, of one batch.</param>
    /// <param name="gpu">What there is to run on.</param>
    /// <param name="variant">The kernel.</param>
    /// <param name="countClusters">How many clusters of a grid run at the same time; null where there are no clusters.</param>
    public static StationaryPlan? For(BatchWork work, BatchGpu gpu, StationaryVariant variant, Func<CudaGrid, int>? countClusters)
    {
        int size = 1;
        while (SlotsOf(work, size) > MaxWarps)
            size *= 2;
        int clusters = Math.Min(gpu.Multiprocessors, work.Units);
        if (size > 1)
        {
            if (countClusters is null || size > (work.Columns == 8 ? LargestClusterOf8 : LargestClusterOf16))
                return null;
            int active = countClusters(new CudaGrid(size, StationaryGroup.MaxSize, gpu.SharedBytes - BatchGpu.ReservedBytes, 1, size));
            int fewest = ((work.Units - 1) / (MaxTotalBytes / UnitBytes(work))) + 1;
            clusters = Math.Min(Math.Max(active, fewest), work.Units);
        }

        int slots = SlotsOf(work, size);
        int units = ((work.Units - 1) / clusters) + 1;
        int phases = Math.Min(MaxWarps / slots, units);
        int space = gpu.SharedBytes - BatchGpu.ReservedBytes;
        int bytes = variant.TableBytes + (slots * phases * variant.StageBytes) + StationaryExchange.Bytes(units * (work.Columns / 8), size);
        int buffers = Math.Max(ManyBuffers, (int)BitOperations.RoundUpToPowerOf2((uint)(2 * phases)));
        while (buffers > 1 && (buffers / 2 >= units || bytes + BuffersBytes(work, slots, buffers) > space))
            buffers /= 2;
        bytes += BuffersBytes(work, slots, buffers);
        // With fewer than two of a phase, warps would wait for each other in turn, for ever.
        return bytes > space || buffers < Math.Min(units, 2 * phases) ? null : new(size, slots, phases, clusters, buffers, bytes);
    }

    private static int SlotsOf(BatchWork work, int clusterSize) => ((work.Slices - 1) / clusterSize) + 1;

    /// <summary>The grid.</summary>
    public CudaGrid Grid => new(ClusterSize, Slots * 32, SharedBytes, Clusters, ClusterSize, Phases);

    private static int BuffersBytes(BatchWork work, int slots, int buffers) => StationaryBuffers.Bytes(buffers, slots * UnitBytes(work));

    private static int UnitBytes(BatchWork work) => work.Columns / 8 * StationaryGroup.FragmentBytes;
}
