using KBitQuant.Compute.Gpu.Kernels.Cuda.Warpgroups;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda;

/// <summary>How a kernel for batches divides weight rows.</summary>
/// <param name="IsWarpgroup">Whether a strip is a warpgroup's rows, rather than a warp's.</param>
internal readonly record struct BatchStrips(bool IsWarpgroup)
{
    /// <summary>Units of a strip.</summary>
    public int Units => IsWarpgroup ? WarpgroupBatch.WarpgroupUnits : BatchGroup.WarpUnits;

    /// <summary>Threads that compute it.</summary>
    public int Threads => IsWarpgroup ? WarpgroupBatch.WarpgroupSize : 32;

    /// <summary>The fewest strips of a group.</summary>
    /// <param name="columns">Its input rows.</param>
    public int Fewest(int columns) => IsWarpgroup ? WarpgroupBatch.FewestStrips(columns) : 1;

    /// <summary>Bytes of shared memory of a group.</summary>
    public int SharedBytes(int strips, int parts, int columns) =>
        IsWarpgroup ? WarpgroupBatch.SharedBytes(strips, parts, columns) : BatchGroup.SharedBytes(strips, parts, columns);

    /// <summary>Accesses to shared memory for the inputs of a slice: each of their 512 bytes a row is written, and read before.</summary>
    /// <param name="columns">Input rows.</param>
    public static int CopyCost(int columns) => 8 * columns;

    /// <summary>Accesses to shared memory and L1, of 128 bytes, for a slice of a warp: 64 look-ups for each unit, the weight itself, and
    /// the inputs, which four warps of a warpgroup share.</summary>
    /// <param name="columns">Input rows.</param>
    public int SliceCost(int columns) => IsWarpgroup ? 82 + columns : 164 + (4 * columns);
}
