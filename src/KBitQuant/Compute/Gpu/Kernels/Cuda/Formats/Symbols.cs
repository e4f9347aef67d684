using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;

/// <summary>A lane's symbols of rows g and g + 8 in a tile, one in each byte, in the words of <see cref="PackedLayout"/>.</summary>
internal struct Symbols
{
    /// <summary>Row g's; where a symbol is of both rows, all.</summary>
    public Words4 Low;

    /// <summary>Row g + 8's.</summary>
    public Words4 High;

    /// <summary>Where a symbol is one code: row g's in the last 64 columns.</summary>
    public Words4 LowRest;

    /// <summary>Likewise row g + 8's.</summary>
    public Words4 HighRest;
}
