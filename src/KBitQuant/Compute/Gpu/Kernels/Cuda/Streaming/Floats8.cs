using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Streaming;

/// <summary>Eight consecutive elements, as floats.</summary>
internal struct Floats8
{
    public Floats4 Low;
    public Floats4 High;
}
