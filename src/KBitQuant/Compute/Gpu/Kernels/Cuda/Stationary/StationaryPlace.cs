using ILGPU;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Stationary;

/// <summary>Which part of the work a thread has in the kernels whose inputs stay in registers. The groups of a cluster, the first dimension of the
/// grid, divide the slices, and so do the warps in the first dimension of a group: each has one. The second dimension of the
/// grid divides the units, that of a group takes them in turn.</summary>
internal struct StationaryPlace
{
    /// <summary>The lane.</summary>
    public int Lane;

    /// <summary>The warp in its group.</summary>
    public int Warp;

    /// <summary>Warps of the group.</summary>
    public int Warps;

    /// <summary>The group in its cluster.</summary>
    public int Rank;

    /// <summary>The warp among those that divide the slices.</summary>
    public int Slot;

    /// <summary>Slices of the group. There may be a slot more: its warps do what others do.</summary>
    public int Slices;

    /// <summary>The warp's slice of each unit.</summary>
    public int Slice;

    /// <summary>The cluster's first unit.</summary>
    public int FirstUnit;

    /// <summary>The cluster's units.</summary>
    public int Units;

    /// <summary>The calling thread's.</summary>
    /// <param name="arguments">The kernel's.</param>
    /// <param name="unitsAtOnce">As <see cref="StationaryVariant.UnitsAtOnce"/>.</param>
    public static StationaryPlace Own(StationaryArguments arguments, int unitsAtOnce)
    {
        int rank = Grid.IdxX;
        int slot = Group.IdxX >> 5;
        int first = arguments.Product.Slices * rank >> arguments.ClusterShift;
        int slices = (arguments.Product.Slices * (rank + 1) >> arguments.ClusterShift) - first;
        return new()
        {
            Lane = Group.IdxX & 31,
            Warp = (Group.IdxY * (Group.DimX >> 5)) + slot,
            Warps = (Group.DimX >> 5) * Group.DimY,
            Rank = rank,
            Slot = slot,
            Slices = slices,
            Slice = first + IntrinsicMath.Min(slot, slices - 1),
            FirstUnit = ((Grid.IdxY * arguments.ClusterTurns) + IntrinsicMath.Min(Grid.IdxY, arguments.RestTurns)) * unitsAtOnce,
            Units = (arguments.ClusterTurns + (Grid.IdxY < arguments.RestTurns ? 1 : 0)) * unitsAtOnce,
        };
    }
}
