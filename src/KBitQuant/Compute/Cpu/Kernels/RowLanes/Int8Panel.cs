namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>A slice of 32 weight rows decoded to levels, as the inner loop over tiles of input rows sees it.</summary>
internal readonly unsafe struct Int8Panel
{
    /// <summary>[step][32] dwords. A step is a quad of columns in bytes, or half of one in words.</summary>
    public byte* Levels { get; init; }

    /// <summary>[block][32]: the constants of each block of inputs.</summary>
    public float* Constants { get; init; }

    /// <summary>Blocks of inputs.</summary>
    public int Blocks { get; init; }

    /// <summary>Codes of the next slice, of each block in turn, which come while this one is multiplied; or null.</summary>
    public byte* Ahead { get; init; }

    /// <summary>Bytes of a block's codes.</summary>
    public int AheadBytes { get; init; }

    /// <summary>Steps of a block.</summary>
    public int BlockSteps { get; init; }
}
