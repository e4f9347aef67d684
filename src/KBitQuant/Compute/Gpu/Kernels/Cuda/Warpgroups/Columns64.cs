using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Warpgroups;

/// <summary>64 input rows.</summary>
internal readonly struct Columns64 : IWarpgroupColumns
{
    public int Count => 64;

    public void Clear() => PtxWarpgroup.Clear64();

    public void Multiply<TElement>(Words4 a, uint b)
        where TElement : struct, ITensorElement => default(TElement).MultiplyBy64(a, b);

    public void Store(uint address, uint pitch)
    {
        WarpgroupSums.StoreTwo(0, address, pitch);
        WarpgroupSums.StoreTwo(2, address, pitch);
        WarpgroupSums.StoreTwo(4, address, pitch);
        WarpgroupSums.StoreTwo(6, address, pitch);
    }
}
