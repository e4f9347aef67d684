using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Stationary.TwoBit;

/// <summary>What a lane keeps of its inputs in a chunk of 64 columns: B operands for the values of two words (<see cref="TwoBitValues"/>). Columns 0 to 3 of B have a digit in every other byte, of row g, columns 4 to 7 in
/// those between, of row g + 8.</summary>
internal struct TwoBitOperands
{
    /// <summary>Of the first word, even columns and then odd ones.</summary>
    public Words4 First;

    /// <summary>Of the second word.</summary>
    public Words4 Second;

    /// <summary>The sum of one step in all columns, where blocks have offsets.</summary>
    public float Ones;

    // Bytes 0 and 1, or 2 and 3, each ahead of a zero or behind it.
    private const uint LowerOfRow = 0x4140;
    private const uint UpperOfRow = 0x4342;
    private const uint LowerOfNext = 0x1404;
    private const uint UpperOfNext = 0x3424;

    /// <summary>Makes them of the digits.</summary>
    /// <param name="digits">Even and odd columns of the first word, and of the second.</param>
    /// <param name="lane">The lane: the column of B is the fourth of it.</param>
    public static TwoBitOperands Of(Words4 digits, int lane)
    {
        uint lower = lane < 16 ? LowerOfRow : LowerOfNext;
        uint upper = lane < 16 ? UpperOfRow : UpperOfNext;
        return new() { First = Spread(digits.Low, lower, upper), Second = Spread(digits.High, lower, upper) };
    }

    private static Words4 Spread(Words2 digits, uint lower, uint upper) => new()
    {
        X = PtxBits.Permute(digits.X, 0, lower),
        Y = PtxBits.Permute(digits.X, 0, upper),
        Z = PtxBits.Permute(digits.Y, 0, lower),
        W = PtxBits.Permute(digits.Y, 0, upper),
    };
}
