namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>How a product of several input rows is cut for the registers and the caches.</summary>
/// <param name="TallRows">Input rows of a tall tile; a short one has <see cref="ShortRows"/>.</param>
/// <param name="SliceColumns">Columns of a slice: so many of a panel fit the L1 cache.</param>
/// <param name="Panels">Panels of a part: they share the inputs of a slice, which then come from the L2 cache.</param>
internal readonly record struct PanelBlocking(int TallRows, int SliceColumns, int Panels)
{
    /// <summary>Input rows of a short tile.</summary>
    public const int ShortRows = 4;

    /// <summary>Parts for each thread that are left when parts have several panels.</summary>
    private const int PartsPerThread = 4;

    /// <summary>Their inputs of a slice take 16 KB.</summary>
    private const int FewRows = 32;

    /// <summary>More of them could become tall ones.</summary>
    private const int MostShortTiles = 2;

    /// <summary>Floats of a slice of a panel.</summary>
    public int SliceLength => SliceColumns * RowLaneBlock.PanelRows;

    /// <summary>Panels of a part: one where input rows are so few that the L1 cache keeps a slice's inputs beside the panel, and fewer where
    /// there would not be enough parts.</summary>
    public int PanelsOfPart(int panelCount, int inputRows, int threadCount) =>
        inputRows <= FewRows ? 1 : Math.Clamp(panelCount / (PartsPerThread * threadCount), 1, Panels);

    /// <summary>Short tiles with which the fewest rows are added to so many input rows.</summary>
    public int ShortTiles(int rows)
    {
        int best = 0;
        for (int tiles = 1; tiles <= MostShortTiles; tiles++)
        {
            if (PaddedRows(rows, tiles) < PaddedRows(rows, best))
                best = tiles;
        }

        return best;
    }

    /// <summary>Rows of so many short tiles and the tall ones that the other input rows take.</summary>
    public int PaddedRows(int rows, int shortTiles)
    {
        int shortRows = shortTiles * ShortRows;
        return shortRows + ((Math.Max(rows - shortRows, 0) + TallRows - 1) / TallRows * TallRows);
    }
}
