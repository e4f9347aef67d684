using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Streaming;

/// <summary>Eight consecutive elements of 32 bits, as loaded.</summary>
internal struct Words8
{
    public Words4 Low;
    public Words4 High;
}
