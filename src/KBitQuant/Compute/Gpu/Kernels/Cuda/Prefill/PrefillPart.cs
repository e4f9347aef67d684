namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Prefill;

/// <summary>What a cluster does in one go: some slices of a tile of outputs.</summary>
internal struct PrefillPart
{
    /// <summary>The round of the cluster's whole tiles, or of its own divided one.</summary>
    public int Round;

    /// <summary>The weight rows, in tiles of a cluster; -1 at the end of the work.</summary>
    public int RowTile;

    /// <summary>The input rows, in tiles.</summary>
    public int ColumnTile;

    /// <summary>The first slice; where it is not 0, the sums are for another cluster.</summary>
    public int Begin;

    /// <summary>After the last slice.</summary>
    public int End;

    /// <summary>Where the part ends among the slices of all divided tiles that their owners leave to others.</summary>
    public int HelpEnd;

    /// <summary>The place at which the sums are handed over (<see cref="PrefillExchange"/>).</summary>
    public int Place;

    /// <summary>The cluster's place among those that share the tile.</summary>
    public int Share;
}
