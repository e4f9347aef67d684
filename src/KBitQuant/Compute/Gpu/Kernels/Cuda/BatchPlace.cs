using ILGPU;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda;

/// <summary>Which part of the work a thread has in the kernels for batches. The second dimension of a group counts its parts.</summary>
internal struct BatchPlace
{
    /// <summary>The lane.</summary>
    public int Lane;

    /// <summary>The warp in its part.</summary>
    public int Warp;

    /// <summary>The part, counted through the cluster.</summary>
    public int ClusterPart;

    /// <summary>The cluster: which weight rows.</summary>
    public int Tile;

    /// <summary>The part's first slice of a unit.</summary>
    public int Slice;

    /// <summary>The slice after its last one.</summary>
    public int End;

    /// <summary>The group's first input row.</summary>
    public int FirstRow;

    /// <summary>The calling thread's.</summary>
    /// <param name="arguments">The product.</param>
    /// <param name="columns">Input rows of a group.</param>
    public static BatchPlace Own(DecodeArguments arguments, int columns)
    {
        int clusterPart = ((arguments.ClusterSize == 1 ? 0 : PtxGrid.RankInCluster()) * Group.DimY) + Group.IdxY;
        return new()
        {
            Lane = Group.IdxX & 31,
            Warp = Group.IdxX >> 5,
            ClusterPart = clusterPart,
            Tile = Grid.IdxX / arguments.ClusterSize,
            Slice = arguments.Slices * clusterPart / (Group.DimY * arguments.ClusterSize),
            End = arguments.Slices * (clusterPart + 1) / (Group.DimY * arguments.ClusterSize),
            FirstRow = Grid.IdxY * columns,
        };
    }

    /// <summary>Where a unit's first slice of the part is, counted through the weight; some slice that is there for parts without one.</summary>
    public readonly int FirstIndex(DecodeArguments arguments, int unit) => (unit * arguments.Slices) + IntrinsicMath.Min(Slice, arguments.Slices - 1);

    /// <summary>Waits for all threads of the cluster.</summary>
    public static void Await(DecodeArguments arguments)
    {
        if (arguments.ClusterSize == 1)
            PtxGrid.Barrier();
        else
            PtxGrid.ClusterBarrier();
    }
}
