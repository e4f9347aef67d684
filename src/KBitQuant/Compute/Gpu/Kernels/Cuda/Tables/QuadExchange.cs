using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Tables;

/// <summary>Exchanges among the four lanes 4g to 4g + 3: of four parts that each lane has, lane t gets part t of every lane, in the
/// order of the lanes. A transposition: its two steps exchange with the lane whose number differs in one bit the parts whose
/// number differs in that bit.</summary>
internal static class QuadExchange
{
    // Bytes of the own word (0 to 3) and of the other lane's (4 to 7): every other one of both in turn, then two of both.
    private const uint EvenBytes = 0x6240;
    private const uint OddBytes = 0x3715;
    private const uint FirstBytes = 0x5410;
    private const uint LastBytes = 0x3276;

    /// <summary>The four bytes of a word.</summary>
    public static uint Bytes(uint word, int lane)
    {
        word = PtxBits.Permute(word, PtxBits.ExchangeLanes(word, 1), (lane & 1) == 0 ? EvenBytes : OddBytes);
        return PtxBits.Permute(word, PtxBits.ExchangeLanes(word, 2), (lane & 2) == 0 ? FirstBytes : LastBytes);
    }
}
