using ILGPU;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Prefill;

/// <summary>
/// Divides the tiles of outputs among the clusters, as many as run at once. First each cluster computes whole tiles, one in each round;
/// where the last rounds would leave some idle, the slices of their tiles are counted through and divided evenly instead
/// ("stream-K": Osama et al. 2023, arXiv 2301.03598), or, where tiles are few, each tile's among as many clusters. A cluster that begins within a tile hands its sums to the one that began
/// the tile; that is always the first thing it does with these tiles, and adding what others hand over always the last.
/// </summary>
internal struct PrefillSchedule
{
    /// <summary>Tiles of weight rows that follow one another before the next input rows: their inputs are in the cache.</summary>
    private const int RasterRows = 4;

    /// <summary>Rounds of whole tiles.</summary>
    public int Rounds;

    /// <summary>Tiles that are computed whole.</summary>
    public int WholeTiles;

    /// <summary>Tiles of weight rows, those of a cluster.</summary>
    public int RowTiles;

    /// <summary>Tiles of input rows.</summary>
    public int ColumnTiles;

    /// <summary>Slices of a tile.</summary>
    public int Slices;

    /// <summary>The clusters.</summary>
    public int Clusters;

    /// <summary>Slices of divided tiles that each cluster computes.</summary>
    public int ClusterSlices;

    /// <summary>How many clusters, the first ones, compute one more.</summary>
    public int LongerClusters;

    /// <summary>How many clusters share each tile, where that is above 1: they divide its slices, and each adds a part of its columns.</summary>
    public int Sharers;

    /// <summary>The slice, among those of the divided tiles, at which a cluster begins.</summary>
    public readonly int Start(int cluster) => (ClusterSlices * cluster) + IntrinsicMath.Min(cluster, LongerClusters);

    /// <summary>The first part of a cluster's work.</summary>
    public readonly PrefillPart First(int cluster) => Sharers > 1 ? Shared(cluster) : At(cluster, 0, Start(cluster));

    /// <summary>The part after another one.</summary>
    public readonly PrefillPart Next(int cluster, PrefillPart part) => Sharers > 1
        ? new() { RowTile = -1 }
        : At(cluster, part.Number + 1, part.Number < Rounds ? Start(cluster) : part.TileEnd - Slices + part.End);

    private readonly PrefillPart At(int cluster, int number, int at)
    {
        int whole = (number * Clusters) + cluster;
        if (number < Rounds && whole < WholeTiles)
            return Part(number, whole, 0, Slices, 0);
        int end = Start(cluster + 1);
        if (at >= end)
            return new() { RowTile = -1 };
        int tile = at / Slices;
        int tileStart = tile * Slices;
        return Part(number, WholeTiles + tile, at - tileStart, IntrinsicMath.Min(end - tileStart, Slices), tileStart + Slices);
    }

    /// <summary>The only part of a cluster that shares a tile.</summary>
    private readonly PrefillPart Shared(int cluster)
    {
        int tile = cluster / Sharers;
        int share = cluster - (tile * Sharers);
        return Part(0, tile, Slices * share / Sharers, Slices * (share + 1) / Sharers, 0) with { Share = share };
    }

    /// <summary>Tiles are numbered by bands of several tiles of weight rows, in each band input rows first.</summary>
    private readonly PrefillPart Part(int number, int tile, int begin, int end, int tileEnd)
    {
        int band = tile / (RasterRows * ColumnTiles);
        int inBand = tile - (band * RasterRows * ColumnTiles);
        int bandRows = IntrinsicMath.Min(RasterRows, RowTiles - (band * RasterRows));
        int column = inBand / bandRows;
        return new()
        {
            Number = number,
            RowTile = (band * RasterRows) + inBand - (column * bandRows),
            ColumnTile = column,
            Begin = begin,
            End = end,
            TileEnd = tileEnd,
        };
    }
}
