using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda;

/// <summary>What the groups of the kernels for one input row share: their shape and their shared memory.</summary>
internal static class DecodeGroup
{
    /// <summary>Threads of a group.</summary>
    public const int Size = 512;

    /// <summary>Warps of a group.</summary>
    public const int Warps = Size / 32;

    /// <summary>Bytes of the table, ahead of the partial sums.</summary>
    public const int TableBytes = 0x10000;

    /// <summary>Bytes of an item's partial sums.</summary>
    public const int SumBytes = PackedLayout.UnitRows * sizeof(float);

    /// <summary>Slices that a warp takes at a time; the last ones of a unit may be fewer.</summary>
    public const int ItemSlices = 2;

    /// <summary>Stores a lane's sums of an item.</summary>
    /// <param name="sums">Where shared memory has [item][weight row].</param>
    /// <param name="item">The item's place there.</param>
    /// <param name="lane">The lane.</param>
    /// <param name="sum">Its sums of rows g and g + 8: those of lanes with t = 0 count.</param>
    public static void Store(uint sums, int item, int lane, Floats2 sum)
    {
        if ((lane & 3) != 0)
            return;
        uint at = sums + (uint)((item * SumBytes) + (lane >> 2 << 2));
        PtxMemory.StoreSharedFloat(at, sum.X);
        PtxMemory.StoreSharedFloat(at + (SumBytes / 2), sum.Y);
    }
}
