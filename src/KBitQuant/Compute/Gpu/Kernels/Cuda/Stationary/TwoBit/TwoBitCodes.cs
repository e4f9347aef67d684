using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Stationary.TwoBit;

/// <summary>A word of 16 codes, four symbols of <see cref="PackedLayout"/>, as operands of products of bytes: numbers that stay where they are in their bytes. Those of row g have the lower half of a
/// byte, those of row g + 8 the upper one, which counts <see cref="UpperWeight"/> times as much; of both, odd columns count <see cref="OddWeight"/> times as much as even ones.</summary>
internal static class TwoBitCodes
{
    /// <summary>What a number of row g + 8 is multiplied with.</summary>
    public const int UpperWeight = 16;

    /// <summary>What a number of an odd column is multiplied with.</summary>
    public const int OddWeight = 4;

    /// <summary>The largest code of zero: 64 times that is a byte's, negative.</summary>
    public const int LargestOrigin = 2;

    private const uint LowerEven = 0x0303_0303;
    private const uint LowerOdd = 0x0C0C_0C0C;
    private const uint UpperEven = 0x3030_3030;
    private const uint UpperOdd = 0xC0C0_C0C0;

    /// <summary>The A operand of a product of bytes.</summary>
    public static Words4 Operand(uint codes) => new()
    {
        X = codes & LowerEven,
        Y = codes & UpperEven,
        Z = codes & LowerOdd,
        W = codes & UpperOdd,
    };

    /// <summary>A number with a sign for each code, as <see cref="Operand"/> has numbers without.</summary>
    /// <param name="bytes">The number, four times: -2 to 1.</param>
    public static Words4 SignedOperand(uint bytes) => new()
    {
        X = bytes,
        Y = (bytes << 4) & 0xF0F0_F0F0,
        Z = (bytes << 2) & 0xFCFC_FCFC,
        W = (bytes << 6) & UpperOdd,
    };
}
