using KBitQuant.DataTypes;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Streaming;

/// <summary>The parameter of <see cref="QuantizeStreamKernel{TChunk, TElement, TBuckets, TOffsets}"/>. Addresses are of global memory.</summary>
internal struct QuantizeArguments
{
    /// <summary>The elements, at a multiple of 16 bytes.</summary>
    public long Source;

    /// <summary>Receives the codes.</summary>
    public long Codes;

    /// <summary>Receives the constants, or has them where <see cref="HasConstants"/> is 1.</summary>
    public ConstantBits Constants;

    /// <summary>The offsets, where the kernel is one for offsets.</summary>
    public ConstantBits Offsets;

    /// <summary>0 or 1.</summary>
    public int HasConstants;

    /// <summary>A number, lowered to the first block that has no constant.</summary>
    public long FirstBadBlock;

    /// <summary>The buckets (<see cref="BucketTable"/>).</summary>
    public long Buckets;

    /// <summary>How many.</summary>
    public int BucketCount;

    /// <summary>The logarithm of how many copies a group keeps of them.</summary>
    public int CopyShift;

    /// <summary>How they are found.</summary>
    public BucketKey Key;

    /// <summary>How codes are packed.</summary>
    public CodeBits Packing;

    /// <summary>The logarithm of the elements of a block, at least 5; at most 10 where the kernel finds the constants.</summary>
    public int BlockShift;

    /// <summary>Tiles of 1024 elements.</summary>
    public int Tiles;
}
