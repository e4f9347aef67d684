using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;

/// <summary>A lane's symbols of one row in a tile, one in each byte: 8, 16 or 32 of them, by how many codes one stands for.</summary>
internal struct Symbols
{
    /// <summary>The first 16.</summary>
    public Words4 First;

    /// <summary>The other 16.</summary>
    public Words4 Second;
}
