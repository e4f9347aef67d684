using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Stationary;

/// <summary>
/// Where the groups of a cluster hand each other their sums over their own slices. Each group adds and writes the fragments (<see cref="IStationaryFragment"/>) whose number, divided by the groups of the cluster, leaves its own; the others store theirs into its shared
/// memory, [group][fragment], and its barrier there counts the bytes: no group waits for another one but for its sums.
/// </summary>
internal struct StationaryExchange
{
    /// <summary>Bytes ahead of the fragments, for the barrier.</summary>
    public const int BarrierBytes = 16;

    /// <summary>The barrier's shared address, which is the same in all groups.</summary>
    public uint Barrier;

    /// <summary>Bytes of the fragments that a group gets from each.</summary>
    public uint RankBytes;

    /// <summary>Bytes of a fragment.</summary>
    public int FragmentBytes;

    /// <summary>What comes after it.</summary>
    public uint End;

    /// <summary>Bytes of shared memory that a group needs.</summary>
    /// <param name="fragments">Fragments of the cluster.</param>
    /// <param name="clusterSize">Groups of the cluster.</param>
    /// <param name="fragmentBytes">Bytes of a fragment.</param>
    public static int Bytes(int fragments, int clusterSize, int fragmentBytes) =>
        clusterSize == 1 ? 0 : BarrierBytes + ((fragments + clusterSize - 1) / clusterSize * clusterSize * fragmentBytes);

    /// <summary>Makes the group's barrier.</summary>
    /// <param name="arguments">The kernel's.</param>
    /// <param name="place">The thread's.</param>
    /// <param name="shared">Where the exchange begins in shared memory.</param>
    /// <param name="columnsShift">The logarithm of how many fragments a unit has.</param>
    /// <param name="fragmentBytes">Bytes of a fragment.</param>
    public static StationaryExchange Begin(StationaryArguments arguments, StationaryPlace place, uint shared, int columnsShift, int fragmentBytes)
    {
        int ranks = arguments.Product.ClusterSize;
        int fragments = place.Units << columnsShift;
        uint rankBytes = (uint)(((fragments + ranks - 1) >> arguments.ClusterShift) * fragmentBytes);
        if (arguments.ClusterShift == 0)
            return new() { End = shared, FragmentBytes = fragmentBytes };
        if (place.Warp == 0 && place.Lane == 0)
        {
            int own = (fragments - place.Rank + ranks - 1) >> arguments.ClusterShift;
            PtxBulkCopy.MakeBarrier(shared, 1);
            PtxBulkCopy.ShowBarriers();
            PtxBulkCopy.ArriveAndExpect(shared, own * ranks * fragmentBytes);
        }

        PtxGrid.ArriveInCluster();
        return new() { Barrier = shared, RankBytes = rankBytes, FragmentBytes = fragmentBytes, End = shared + BarrierBytes + ((uint)ranks * rankBytes) };
    }

    /// <summary>Where a lane's part of a fragment is.</summary>
    /// <param name="arguments">The kernel's.</param>
    /// <param name="fragment">The fragment.</param>
    /// <param name="rank">The group that it comes from.</param>
    /// <param name="lane">The lane.</param>
    public readonly uint Place(StationaryArguments arguments, int fragment, int rank, int lane) =>
        Barrier + BarrierBytes + ((uint)rank * RankBytes) + (uint)(((fragment >> arguments.ClusterShift) * FragmentBytes) + (lane * StationaryGroup.LaneBytes));
}
