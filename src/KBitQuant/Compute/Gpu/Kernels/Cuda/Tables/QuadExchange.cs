using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Tables;

/// <summary>Exchanges among the four lanes 4g to 4g + 3: of four parts that each lane has, lane t gets part t of every lane, in the
/// order of the lanes. A transposition: its two steps exchange with the lane whose number differs in one bit the parts whose
/// number differs in that bit.</summary>
internal static class QuadExchange
{
    // Bytes of the own word (0 to 3) and of the other lane's (4 to 7).
    private const uint OwnThenOtherBytes = 0x6240;
    private const uint OtherThenOwnBytes = 0x3715;

    private const uint LowNibbles = 0x0F0F_0F0F;

    /// <summary>The four nibbles of each half of a word.</summary>
    public static uint Nibbles(uint word, int lane)
    {
        uint other = PtxBits.ExchangeLanes(word, 1);
        word = (lane & 1) == 0
            ? (word & LowNibbles) | ((other & LowNibbles) << 4)
            : (word & ~LowNibbles) | ((other >> 4) & LowNibbles);
        return PtxBits.Permute(word, PtxBits.ExchangeLanes(word, 2), (lane & 2) == 0 ? OwnThenOtherBytes : OtherThenOwnBytes);
    }
}
