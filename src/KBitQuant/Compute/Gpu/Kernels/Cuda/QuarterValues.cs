using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda;

/// <summary>A lane's values of a unit in 32 columns, 8t to 8t + 7 of rows g and g + 8: the A operands of two steps of 16 columns. Of each the first and the third
/// register are of row g, the others of row g + 8.</summary>
internal struct QuarterValues
{
    /// <summary>The lane's first four columns.</summary>
    public Words4 First;

    /// <summary>Its other four.</summary>
    public Words4 Second;

    /// <summary>From values of row g and of row g + 8, two columns to a register.</summary>
    public static QuarterValues Join(Words4 low, Words4 high) => new()
    {
        First = new() { X = low.X, Y = high.X, Z = low.Y, W = high.Y },
        Second = new() { X = low.Z, Y = high.Z, Z = low.W, W = high.W },
    };
}
