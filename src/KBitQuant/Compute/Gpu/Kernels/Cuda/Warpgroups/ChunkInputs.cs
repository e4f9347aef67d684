using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Warpgroups;

/// <summary>A thread's copies of a chunk, on their way through registers.</summary>
internal struct ChunkInputs
{
    public Words4 First;
    public Words4 Second;
}
