using KBitQuant.Compute.Gpu.Decoder.Panels;
using KBitQuant.Compute.Gpu.Kernels.Cuda;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Columns;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Decoder.Attention.Flash;

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
        Elements16 = PtxMemory.LoadMatrices(at ^ TensorPanel.Columns16),
        Elements32 = PtxMemory.LoadMatrices(at ^ (2 * TensorPanel.Columns16)),
        Elements48 = PtxMemory.LoadMatrices(at ^ (3 * TensorPanel.Columns16)),
        Elements64 = PtxMemory.LoadMatrices(at + panelBytes),
        Elements80 = PtxMemory.LoadMatrices((at ^ TensorPanel.Columns16) + panelBytes),
        Elements96 = PtxMemory.LoadMatrices((at ^ (2 * TensorPanel.Columns16)) + panelBytes),
        Elements112 = PtxMemory.LoadMatrices((at ^ (3 * TensorPanel.Columns16)) + panelBytes),
    };

    /// <summary>The products with 64 keys.</summary>
    /// <param name="keys">Where the lane reads the panel of keys, a row for each element of the head.</param>
    /// <typeparam name="TIsWide">Whether heads have more than 64 elements.</typeparam>
    public readonly TensorSums Score<TIsWide>(uint keys)
        where TIsWide : struct, IFlag
    {
        TensorSums scores = default;
        scores = scores.PlusProduct<HalfTensorElement>(Elements0, TensorColumns.LoadTransposed(keys))
            .PlusProduct<HalfTensorElement>(Elements16, TensorColumns.LoadTransposed(keys + TensorPanel.Rows16))
            .PlusProduct<HalfTensorElement>(Elements32, TensorColumns.LoadTransposed(keys + (2 * TensorPanel.Rows16)))
            .PlusProduct<HalfTensorElement>(Elements48, TensorColumns.LoadTransposed(keys + (3 * TensorPanel.Rows16)));
        if (default(TIsWide).IsSet)
        {
            scores = scores.PlusProduct<HalfTensorElement>(Elements64, TensorColumns.LoadTransposed(keys + (4 * TensorPanel.Rows16)))
                .PlusProduct<HalfTensorElement>(Elements80, TensorColumns.LoadTransposed(keys + (5 * TensorPanel.Rows16)))
                .PlusProduct<HalfTensorElement>(Elements96, TensorColumns.LoadTransposed(keys + (6 * TensorPanel.Rows16)))
                .PlusProduct<HalfTensorElement>(Elements112, TensorColumns.LoadTransposed(keys + (7 * TensorPanel.Rows16)));
        }

        return scores;
    }
}
