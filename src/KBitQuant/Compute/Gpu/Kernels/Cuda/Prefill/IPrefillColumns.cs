using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Prefill;

/// <summary>How many input rows a group takes: columns of a warpgroup's product.</summary>
internal interface IPrefillColumns
{
    /// <summary>How many: 128 or 256.</summary>
    int Count { get; }

    /// <summary>Sets the sums to 0.</summary>
    void Clear();

    /// <summary>Begins a product (<see cref="PtxWarpgroup"/>).</summary>
    void Multiply<TElement>(Words4 a, ulong b)
        where TElement : struct, ITensorElement;
}
