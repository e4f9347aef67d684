using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Prefill;

/// <summary>64 input rows: two groups hide each other's latencies.</summary>
internal readonly struct Columns64 : IPrefillColumns
{
    public int Count => 64;

    public int ClusterSize => 1;

    public int Neighbors => 2;

    public bool HasSpareRegisters => false;

    public void Clear() => PtxWarpgroup.Clear64();

    public void Multiply<TElement>(Words4 a, ulong b)
        where TElement : struct, ITensorElement => default(TElement).MultiplyBy64(a, b);
}
