namespace KBitQuant.Quantization;

/// <summary>Where registers of eight values meet blocks. They lie as the output's addresses ask, so that a block may begin within one; all blocks
/// begin in the same lane.</summary>
internal readonly unsafe struct RegisterBlocks
{
    /// <summary>Values of a register.</summary>
    public const int Lanes = 8;

    /// <param name="constants">A constant for each block of the tensor.</param>
    /// <param name="offsets">An offset for each, or null.</param>
    /// <param name="blockSize">A multiple of <see cref="Lanes"/>, or all that is decoded lies within one block.</param>
    /// <param name="start">The first value of the first register.</param>
    public RegisterBlocks(float* constants, float* offsets, int blockSize, int start)
    {
        int block = start / blockSize;
        int left = blockSize - (start % blockSize);
        Constants = constants + block;
        Offsets = offsets is null ? null : offsets + block;
        (First, Carried) = Math.DivRem(left, Lanes);
        Whole = blockSize / Lanes;
    }

    /// <summary>The constants from the first register's block on.</summary>
    public float* Constants { get; }

    /// <summary>The offsets from there on, or null.</summary>
    public float* Offsets { get; }

    /// <summary>Registers before the one in which the second block begins.</summary>
    public int First { get; }

    /// <summary>Registers from there to the one in which the third begins, and so on.</summary>
    public int Whole { get; }

    /// <summary>Lanes that are still the block's before, in a register where one begins.</summary>
    public int Carried { get; }
}
