using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Streaming;

/// <summary>What a lane loads for eight elements.</summary>
/// <remarks>ILGPU 1.5.3 takes structures for the same type whose fields, those of inner structures laid out flat, are the same: as
/// integers, the constants of a tile's four chunks would make them the codes of six bits (<see cref="Formats.Format6"/>).</remarks>
internal struct DequantizeChunk
{
    /// <summary>Up to three words with its codes.</summary>
    public Words4 Codes;

    /// <summary>Its block's constant: bits as stored, not a number.</summary>
    public float Constant;

    /// <summary>Its block's offset, where there is one: bits as stored, not a number.</summary>
    public float Offset;
}
