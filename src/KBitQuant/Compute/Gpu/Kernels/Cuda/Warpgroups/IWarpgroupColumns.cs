using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Warpgroups;

/// <summary>Some input rows: columns of a warpgroup's product.</summary>
internal interface IWarpgroupColumns
{
    /// <summary>How many.</summary>
    int Count { get; }

    /// <summary>Sets the sums to 0.</summary>
    void Clear();

    /// <summary>Begins a product (<see cref="PtxWarpgroup"/>).</summary>
    void Multiply<TElement>(Words4 a, uint b)
        where TElement : struct, ITensorElement;

    /// <summary>Writes the sums to shared memory.</summary>
    /// <param name="address">Where those of the lane's first weight row and input row go.</param>
    /// <param name="pitch">Bytes from an input row to the next.</param>
    void Store(uint address, uint pitch);
}
