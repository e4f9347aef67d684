using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Prefill;

/// <summary>32 input rows: two groups hide each other's latencies.</summary>
internal readonly struct Columns32 : IPrefillColumns
{
    public int Count => 32;

    public int ClusterSize => 1;

    public int Neighbors => 2;

    public bool HasSpareRegisters => true;

    public void Clear() => PtxWarpgroup.Clear32();

    public void Multiply<TElement>(Words4 a, ulong b)
        where TElement : struct, ITensorElement => default(TElement).MultiplyBy32(a, b);
}
