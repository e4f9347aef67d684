using ILGPU.IR.Intrinsics;

namespace KBitQuant.Compute.Gpu.Ptx;

/// <summary>How the threads of a grid, and grids that follow one another, wait for each other.</summary>
internal static class PtxGrid
{
    /// <summary>Waits for all threads of the group.</summary>
    [IntrinsicImplementation, Ptx("bar.sync 0;")]
    public static void Barrier() => throw new NotSupportedException();

    /// <summary>Waits for the threads of some warps of the group, which all name the same barrier.</summary>
    /// <param name="barrier">1 to 15.</param>
    /// <param name="threads">How many threads wait for each other.</param>
    [IntrinsicImplementation, Ptx("bar.sync $0, $1;")]
    public static void Barrier(int barrier, int threads) => throw new NotSupportedException();

    /// <summary>Waits for the lanes of the warp: the compiler moves no access to memory across it.</summary>
    [IntrinsicImplementation, Ptx("bar.warp.sync 0xffffffff;")]
    public static void WarpBarrier() => throw new NotSupportedException();

    /// <summary>The place of the group in its cluster, from 0.</summary>
    [IntrinsicImplementation, Ptx("mov.u32 $o0, %cluster_ctarank;", Since = PtxArchitecture.Hopper, Before = "mov.u32 $o0, 0;")]
    public static int RankInCluster() => throw new NotSupportedException();

    /// <summary>Waits for all threads of the cluster; what they wrote to shared memory can then be read by all.</summary>
    [IntrinsicImplementation, Ptx(
        "barrier.cluster.arrive.release.aligned; barrier.cluster.wait.acquire.aligned;", Since = PtxArchitecture.Hopper, Before = "bar.sync 0;")]
    public static void ClusterBarrier() => throw new NotSupportedException();

    /// <summary>Lets the next kernel of the stream begin, where it was launched to overlap (programmatic dependent launch).</summary>
    [IntrinsicImplementation, Ptx("griddepcontrol.launch_dependents;", Since = PtxArchitecture.Hopper)]
    public static void LetNextBegin() => throw new NotSupportedException();

    /// <summary>Waits until the previous kernel of the stream has finished and its writes can be seen.</summary>
    [IntrinsicImplementation, Ptx("griddepcontrol.wait;", Since = PtxArchitecture.Hopper)]
    public static void WaitForPrevious() => throw new NotSupportedException();

    /// <summary>Tells the threads of the cluster that the thread is here; orders no memory.</summary>
    [IntrinsicImplementation, Ptx("barrier.cluster.arrive.relaxed.aligned;", Since = PtxArchitecture.Hopper)]
    public static void ArriveInCluster() => throw new NotSupportedException();

    /// <summary>Waits until all threads of the cluster are there.</summary>
    [IntrinsicImplementation, Ptx("barrier.cluster.wait.acquire.aligned;", Since = PtxArchitecture.Hopper)]
    public static void AwaitCluster() => throw new NotSupportedException();
}
