using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Warpgroups;

/// <summary>32 input rows.</summary>
internal readonly struct Columns32 : IWarpgroupColumns
{
    public int Count => 32;

    public void Clear() => PtxWarpgroup.Clear32();

    public void Multiply<TElement>(Words4 a, uint b)
        where TElement : struct, ITensorElement => default(TElement).MultiplyBy32(a, b);

    public void Store(uint address, uint pitch)
    {
        WarpgroupSums.StoreTwo(0, address, pitch);
        WarpgroupSums.StoreTwo(2, address, pitch);
    }
}
