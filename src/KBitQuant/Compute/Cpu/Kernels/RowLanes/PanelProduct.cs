namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>Panels times tiles, a slice of columns at a time.</summary>
internal static unsafe class PanelProduct<TTile>
    where TTile : IPanelTile
{
    /// <summary>Tiles that a panel is multiplied with before the next: their inputs are still in the L2 cache for that one.</summary>
    private const int TilesAtATime = 8;

    /// <summary>sums += the product of a slice, for all input rows.</summary>
    /// <param name="tiles">The inputs.</param>
    /// <param name="firstColumn">The slice's first column.</param>
    /// <param name="panels">[panel][<see cref="PanelBlocking.SliceLength"/>]: decoded weights.</param>
    /// <param name="panelCount">How many.</param>
    /// <param name="sums">[panel][padded rows][32].</param>
    public static void Multiply(InputTiles tiles, int firstColumn, float* panels, int panelCount, float* sums)
    {
        for (int tile = 0; tile < tiles.Count; tile += TilesAtATime)
        {
            int endTile = Math.Min(tile + TilesAtATime, tiles.Count);
            for (int panel = 0; panel < panelCount; panel++)
                MultiplyTiles(tiles, firstColumn, tile, endTile, panels + ((long)panel * TTile.Blocking.SliceLength), sums + (panel * tiles.SumsLength));
        }
    }

    private static void MultiplyTiles(InputTiles tiles, int firstColumn, int tile, int endTile, float* panel, float* sums)
    {
        int columns = tiles.ColumnsOfSlice(firstColumn);
        for (; tile < endTile; tile++)
        {
            float* x = tiles.Tile(tile, firstColumn);
            float* tileSums = sums + ((long)tiles.FirstRow(tile) * RowLaneBlock.PanelRows);
            if (tiles.IsTall(tile))
                TTile.MultiplyTall(panel, x, tileSums, columns);
            else
                TTile.MultiplyShort(panel, x, tileSums, columns);
        }
    }
}
