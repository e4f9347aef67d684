using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Warpgroups;

/// <summary>16 input rows.</summary>
internal readonly struct Columns16 : IWarpgroupColumns
{
    public int Count => 16;

    public void Clear() => PtxWarpgroup.Clear16();

    public void Multiply<TElement>(Words4 a, uint b)
        where TElement : struct, ITensorElement => default(TElement).MultiplyBy16(a, b);

    public void Store(uint address, uint pitch) => WarpgroupSums.StoreTwo(0, address, pitch);
}
