using ILGPU;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Decoder;

/// <summary>Which 16 bytes of which rows a thread copies to panels side by side.</summary>
internal struct FlashWord
{
    private const int Elements = 8;

    /// <summary>The word of a row.</summary>
    public int Index;

    /// <summary>The first row.</summary>
    public int Row;

    /// <summary>From a row to the thread's next one.</summary>
    public int RowStep;

    /// <summary>1 where there is anything to copy, otherwise 0: zeros.</summary>
    public int IsKnown;

    /// <summary>To one panel.</summary>
    /// <param name="columns">Elements of a row.</param>
    public static FlashWord OfOne(int columns) => Of(FlashPanel.Columns / Elements, columns);

    /// <summary>To two panels.</summary>
    /// <param name="columns">Elements of a row.</param>
    public static FlashWord OfPair(int columns) => Of(2 * FlashPanel.Columns / Elements, columns);

    /// <summary>Begins to copy the word of a row, or to write zeros.</summary>
    /// <param name="panels">The first panel.</param>
    /// <param name="panelBytes">Bytes of a panel.</param>
    /// <param name="row">The row.</param>
    /// <param name="source">The address of the row's first element.</param>
    /// <param name="isRow">Whether there is such a row.</param>
    public readonly void BeginCopy(uint panels, int panelBytes, int row, long source, bool isRow)
    {
        int bytes = isRow ? IsKnown * Elements * sizeof(ushort) : 0;
        PtxMemory.BeginCopy(panels + FlashPanel.WordOffset(Index, row, panelBytes), source + (Index * bytes), bytes);
    }

    private static FlashWord Of(int words, int columns)
    {
        int index = Group.IdxX % words;
        return new() { Index = index, Row = Group.IdxX / words, RowStep = FlashAttentionKernel.GroupSize / words, IsKnown = index * Elements < columns ? 1 : 0 };
    }
}
