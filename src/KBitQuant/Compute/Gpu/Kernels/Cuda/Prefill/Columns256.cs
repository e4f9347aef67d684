using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Prefill;

/// <summary>256 input rows: what counts is how often inputs are brought.</summary>
internal readonly struct Columns256 : IPrefillColumns
{
    public int Count => 256;

    public int ClusterSize => 2;

    public int Neighbors => 1;

    public bool HasSpareRegisters => false;

    public void Clear() => PtxWarpgroup.Clear256();

    public void Multiply<TElement>(Words4 a, ulong b)
        where TElement : struct, ITensorElement => default(TElement).MultiplyBy256(a, b);
}
