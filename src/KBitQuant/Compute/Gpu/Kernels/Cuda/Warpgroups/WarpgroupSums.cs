using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Warpgroups;

/// <summary>Writes a lane's sums of a warpgroup's product to shared memory, once the product is done.</summary>
internal static class WarpgroupSums
{
    private const uint HighRow = 8 * sizeof(float);

    /// <summary>The sums of sixteen input rows.</summary>
    /// <param name="eight">The first eight of them: a constant once everything is inlined.</param>
    /// <param name="address">Where those of the lane's first weight row and the very first input row go.</param>
    /// <param name="pitch">Bytes from an input row to the next.</param>
    public static void StoreTwo(int eight, uint address, uint pitch)
    {
        StoreEight(eight, address, pitch);
        StoreEight(eight + 1, address, pitch);
    }

    /// <summary>As <see cref="StoreTwo"/>, of eight.</summary>
    public static void StoreEight(int eight, uint address, uint pitch)
    {
        uint at = address + ((uint)eight * 8 * pitch);
        PtxMemory.StoreSharedFloat(at, PtxWarpgroup.Sum(eight * 4));
        PtxMemory.StoreSharedFloat(at + pitch, PtxWarpgroup.Sum((eight * 4) + 1));
        PtxMemory.StoreSharedFloat(at + HighRow, PtxWarpgroup.Sum((eight * 4) + 2));
        PtxMemory.StoreSharedFloat(at + pitch + HighRow, PtxWarpgroup.Sum((eight * 4) + 3));
    }
}
