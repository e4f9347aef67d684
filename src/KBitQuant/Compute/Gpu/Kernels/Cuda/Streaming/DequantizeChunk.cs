using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Streaming;

/// <summary>What a lane loads for eight elements.</summary>
internal struct DequantizeChunk
{
    /// <summary>Up to three words with its codes.</summary>
    public Words4 Codes;

    /// <summary>The bits of its block's constant.</summary>
    public uint Constant;

    /// <summary>The bits of its block's offset, where there is one.</summary>
    public uint Offset;
}
