namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Streaming;

/// <summary>The parameter of <see cref="DequantizeStreamKernel{TChunk, TElement, TOffsets}"/>. Addresses are of global memory.</summary>
internal struct DequantizeArguments
{
    /// <summary>The codes, with a word more at the end.</summary>
    public long Codes;

    /// <summary>The constants.</summary>
    public ConstantBits Constants;

    /// <summary>The offsets, where the kernel is one for offsets.</summary>
    public ConstantBits Offsets;

    /// <summary>Code to value: 2^k floats.</summary>
    public long Table;

    /// <summary>Receives the elements, at a multiple of 16 bytes.</summary>
    public long Values;

    /// <summary>How codes are packed.</summary>
    public CodeBits Packing;

    /// <summary>The logarithm of the elements of a block, at least 3.</summary>
    public int BlockShift;

    /// <summary>Tiles of 1024 elements.</summary>
    public int Tiles;
}
