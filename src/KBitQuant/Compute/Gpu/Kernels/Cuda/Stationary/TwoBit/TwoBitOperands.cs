using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Stationary.TwoBit;

/// <summary>What a lane keeps of its inputs in a chunk of 64 columns.</summary>
internal struct TwoBitOperands
{
    /// <summary>The digits: the B operands of the chunk's two words of codes.</summary>
    public Words4 Digits;

    /// <summary>What the sums begin with: the code of zero in all columns, negative.</summary>
    public Words4 Start;

    /// <summary>The sums of rows g and g + 8 of one step in all columns, where blocks have offsets.</summary>
    public Floats2 Ones;
}
