using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Stationary.TwoBit;

/// <summary>
/// A word of 16 codes, four symbols of <see cref="PackedLayout"/>, as bytes of a product's A operand, four by one byte permutation whose selectors are the codes themselves. In a register bytes of row g and of
/// row g + 8 take turns, which columns of B tell apart (<see cref="TwoBitOperands"/>): rows of the product have row g and row g + 8 of one unit, those 8 further on of the next unit.
/// </summary>
internal static class TwoBitValues
{
    /// <summary>The even columns' codes of both rows, each the selector of a byte.</summary>
    private const uint Selectors = 0x3333_3333;

    private const int OddColumns = 2;

    /// <summary>The A operand of the even columns.</summary>
    /// <param name="product">The product, with the byte of each code.</param>
    /// <param name="first">The word of a unit.</param>
    /// <param name="second">That of the next one.</param>
    public static Words4 Evens(DecodeArguments product, uint first, uint second) => Operand(product, first & Selectors, second & Selectors);

    /// <summary>The A operand of the odd columns.</summary>
    public static Words4 Odds(DecodeArguments product, uint first, uint second) => Evens(product, first >> OddColumns, second >> OddColumns);

    // A permutation takes its selectors from the lower half. Integers, permutations included, have a unit that is the kernel's limit; halves have another one.
    private static Words4 Operand(DecodeArguments product, uint first, uint second) => new()
    {
        X = Pick(product, first),
        Y = Pick(product, second),
        Z = Pick(product, PtxBits.UpperHalf(first, product.HalfOnes)),
        W = Pick(product, PtxBits.UpperHalf(second, product.HalfOnes)),
    };

    private static uint Pick(DecodeArguments product, uint selectors) => PtxBits.Permute(product.ByteValues, product.ByteValues, selectors);
}
