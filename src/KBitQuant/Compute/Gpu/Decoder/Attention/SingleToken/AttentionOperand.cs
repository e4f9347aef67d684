using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Decoder.Attention.SingleToken;

/// <summary>Operands A of products from words of memory, which have two rows of one column each.</summary>
internal static class AttentionOperand
{
    private const uint Lower = 0x5410;
    private const uint Upper = 0x7632;

    /// <summary>Rows g and g + 8 are the words' lower and upper halves, columns 2t, 2t + 1, 2t + 8 and 2t + 9 the words.</summary>
    public static Words4 Of(uint first, uint second, uint third, uint fourth) => new()
    {
        X = PtxBits.Permute(first, second, Lower),
        Y = PtxBits.Permute(first, second, Upper),
        Z = PtxBits.Permute(third, fourth, Lower),
        W = PtxBits.Permute(third, fourth, Upper),
    };
}
