using ILGPU;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Decoder.Panels;

/// <summary>Which 16 bytes of which rows a thread copies to panels side by side.</summary>
internal struct PanelWord
{
    /// <summary>Rows of <see cref="BeginCopies"/>.</summary>
    public const int Copies = 4;

    private const int Elements = 8;
    private const int WordBytes = Elements * sizeof(ushort);

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
    /// <param name="groupSize">Threads of the group, a power of two.</param>
    public static PanelWord OfOne(int columns, int groupSize) => Of(TensorPanel.Columns / Elements, columns, groupSize);

    /// <summary>To two panels.</summary>
    /// <param name="columns">Elements of a row.</param>
    /// <param name="groupSize">Threads of the group, a power of two.</param>
    public static PanelWord OfPair(int columns, int groupSize) => Of(2 * TensorPanel.Columns / Elements, columns, groupSize);

    /// <summary>Begins to copy the word of a row, or to write zeros.</summary>
    /// <param name="panels">The first panel.</param>
    /// <param name="panelBytes">Bytes of a panel.</param>
    /// <param name="row">The row.</param>
    /// <param name="source">The address of the row's first element.</param>
    public readonly void BeginCopy(uint panels, int panelBytes, int row, long source)
    {
        int bytes = IsKnown * WordBytes;
        PtxMemory.BeginCopy(panels + TensorPanel.WordOffset(Index, row, panelBytes), source + (Index * WordBytes), bytes);
    }

    /// <summary>Begins to copy the thread's words of <see cref="Copies"/> rows, from its first one on, or to write zeros.</summary>
    /// <param name="panels">The first panel.</param>
    /// <param name="panelBytes">Bytes of a panel.</param>
    /// <param name="source">The address of the first element of row 0.</param>
    /// <param name="stride">Bytes from there to the next row.</param>
    /// <param name="rows">Rows that there are.</param>
    public readonly void BeginCopies(uint panels, int panelBytes, long source, long stride, int rows)
    {
        // Steps are whole eights of rows, whose words are exchanged alike.
        uint to = panels + TensorPanel.WordOffset(Index, Row, panelBytes);
        uint toNext = (uint)(RowStep * TensorPanel.RowBytes);
        long from = source + (Row * stride) + (Index * WordBytes);
        long next = RowStep * stride;
        PtxMemory.BeginCopy(to, from, Row < rows ? IsKnown * WordBytes : 0);
        PtxMemory.BeginCopy(to + toNext, from + next, Row + RowStep < rows ? IsKnown * WordBytes : 0);
        PtxMemory.BeginCopy(to + (2 * toNext), from + (2 * next), Row + (2 * RowStep) < rows ? IsKnown * WordBytes : 0);
        PtxMemory.BeginCopy(to + (3 * toNext), from + (3 * next), Row + (3 * RowStep) < rows ? IsKnown * WordBytes : 0);
    }

    private static PanelWord Of(int words, int columns, int groupSize)
    {
        int index = Group.IdxX % words;
        return new() { Index = index, Row = Group.IdxX / words, RowStep = groupSize / words, IsKnown = index * Elements < columns ? 1 : 0 };
    }
}
