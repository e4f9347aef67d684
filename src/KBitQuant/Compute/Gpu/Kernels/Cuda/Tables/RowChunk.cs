using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Tables;

/// <summary>A lane's values of one row in a chunk of 64 columns, two to a register: columns 8t to 8t + 7 of each half.</summary>
internal struct RowChunk
{
    /// <summary>The first 32 columns.</summary>
    public Words4 First;

    /// <summary>The other 32.</summary>
    public Words4 Second;
}
