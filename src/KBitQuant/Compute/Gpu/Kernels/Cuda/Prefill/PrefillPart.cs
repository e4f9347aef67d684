namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Prefill;

/// <summary>What a cluster does in one go: some slices of a tile of outputs.</summary>
internal struct PrefillPart
{
    /// <summary>The part's place in the work of the cluster.</summary>
    public int Number;

    /// <summary>The weight rows, in tiles of a cluster; -1 at the end of the work.</summary>
    public int RowTile;

    /// <summary>The input rows, in tiles.</summary>
    public int ColumnTile;

    /// <summary>The first slice.</summary>
    public int Begin;

    /// <summary>After the last slice.</summary>
    public int End;

    /// <summary>Where the tile's slices end among those of all divided tiles.</summary>
    public int TileEnd;

    /// <summary>The cluster's place among those that share the tile.</summary>
    public int Share;
}
