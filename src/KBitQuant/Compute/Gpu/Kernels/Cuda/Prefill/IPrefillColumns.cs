using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Prefill;

/// <summary>How many input rows a group takes: columns of a warpgroup's product.</summary>
internal interface IPrefillColumns
{
    /// <summary>How many.</summary>
    int Count { get; }

    /// <summary>Groups of a cluster, which share their inputs: 1 or 2.</summary>
    int ClusterSize { get; }

    /// <summary>Groups that run side by side on a multiprocessor.</summary>
    int Neighbors { get; }

    /// <summary>Whether the sums leave registers for a slice of weights beside the present one.</summary>
    bool HasSpareRegisters { get; }

    /// <summary>Sets the sums to 0.</summary>
    void Clear();

    /// <summary>Begins a product (<see cref="PtxWarpgroup"/>).</summary>
    void Multiply<TElement>(Words4 a, ulong b)
        where TElement : struct, ITensorElement;
}
