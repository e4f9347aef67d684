using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Decoder;

/// <summary>A warp's 16 query rows as operands A, 16 elements of the head each.</summary>
internal struct FlashQueries
{
    public Words4 Elements0;
    public Words4 Elements16;
    public Words4 Elements32;
    public Words4 Elements48;
    public Words4 Elements64;
    public Words4 Elements80;
    public Words4 Elements96;
    public Words4 Elements112;

    /// <summary>Reads them from two panels.</summary>
    /// <param name="at">Where the lane reads the first one.</param>
    /// <param name="panelBytes">From there to the second one.</param>
    public static FlashQueries Load(uint at, uint panelBytes) => new()
    {
        Elements0 = PtxMemory.LoadMatrices(at),
        Elements16 = PtxMemory.LoadMatrices(at ^ FlashPanel.Columns16),
        Elements32 = PtxMemory.LoadMatrices(at ^ (2 * FlashPanel.Columns16)),
        Elements48 = PtxMemory.LoadMatrices(at ^ (3 * FlashPanel.Columns16)),
        Elements64 = PtxMemory.LoadMatrices(at + panelBytes),
        Elements80 = PtxMemory.LoadMatrices((at ^ FlashPanel.Columns16) + panelBytes),
        Elements96 = PtxMemory.LoadMatrices((at ^ (2 * FlashPanel.Columns16)) + panelBytes),
        Elements112 = PtxMemory.LoadMatrices((at ^ (3 * FlashPanel.Columns16)) + panelBytes),
    };

    /// <summary>The products with 64 keys.</summary>
    /// <param name="keys">Where the lane reads the panel of keys, a row for each element of the head.</param>
    /// <param name="isWide">Whether heads have more than 64 elements.</param>
    public readonly FlashSums Score(uint keys, bool isWide)
    {
        FlashSums scores = default;
        scores = scores.PlusProduct(Elements0, keys)
            .PlusProduct(Elements16, keys + FlashPanel.Rows16)
            .PlusProduct(Elements32, keys + (2 * FlashPanel.Rows16))
            .PlusProduct(Elements48, keys + (3 * FlashPanel.Rows16));
        if (isWide)
        {
            scores = scores.PlusProduct(Elements64, keys + (4 * FlashPanel.Rows16))
                .PlusProduct(Elements80, keys + (5 * FlashPanel.Rows16))
                .PlusProduct(Elements96, keys + (6 * FlashPanel.Rows16))
                .PlusProduct(Elements112, keys + (7 * FlashPanel.Rows16));
        }

        return scores;
    }
}
