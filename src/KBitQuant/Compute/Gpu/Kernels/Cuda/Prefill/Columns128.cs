using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Prefill;

/// <summary>128 input rows.</summary>
internal readonly struct Columns128 : IPrefillColumns
{
    public int Count => 128;

    public int ClusterSize => 1;

    public int Neighbors => 1;

    public bool HasSpareRegisters => true;

    public void Clear() => PtxWarpgroup.Clear128();

    public void Multiply<TElement>(Words4 a, ulong b)
        where TElement : struct, ITensorElement => default(TElement).MultiplyBy128(a, b);
}
