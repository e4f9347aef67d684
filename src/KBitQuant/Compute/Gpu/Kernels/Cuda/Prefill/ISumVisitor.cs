using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Prefill;

/// <summary>Does something with each of a thread's sums.</summary>
internal interface ISumVisitor
{
    /// <summary>Called for each eight columns of the product.</summary>
    /// <param name="eight">Which eight: a constant once everything is inlined, as the registers' numbers have to be
    /// (<see cref="PtxWarpgroup.Sum"/>).</param>
    void Visit(int eight);
}
