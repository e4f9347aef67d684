using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Warpgroups;

/// <summary>8 input rows.</summary>
internal readonly struct Columns8 : IWarpgroupColumns
{
    public int Count => 8;

    public void Clear() => PtxWarpgroup.Clear8();

    public void Multiply<TElement>(Words4 a, uint b)
        where TElement : struct, ITensorElement => default(TElement).MultiplyBy8(a, b);

    public void Store(uint address, uint pitch) => WarpgroupSums.StoreEight(0, address, pitch);
}
