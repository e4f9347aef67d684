using ILGPU;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Prefill;

/// <summary>
/// Divides the tiles of outputs among the clusters, as many as run at once. Each cluster computes whole tiles, one in each round. Of the
/// tiles that remain, fewer than clusters, each has an owner, which computes its first slices after all whole tiles. What owners leave is
/// counted through and divided among the other clusters, which begin with it: they have handed their sums over before the owners are
/// there to add them. Or, where tiles are few, the slices of each are divided among as many clusters. (Work that is divided by slices:
/// "stream-K", Osama et al. 2023, arXiv 2301.03598.)
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

    /// <summary>Clusters that own a divided tile: the first ones.</summary>
    public int Owners;

    /// <summary>Slices of a divided tile that its owner computes.</summary>
    public int OwnSlices;

    /// <summary>0, or 1 where every other owner computes one more: then they do not all add sums at the same time.</summary>
    public int MoreSlices;

    /// <summary>Slices that each of the other clusters computes for owners; the last ones may have fewer.</summary>
    public int HelpSlices;

    /// <summary>How many clusters share each tile, where that is above 1: they divide its slices, and each adds a part of its columns.</summary>
    public int Sharers;

    /// <summary>Slices of divided tiles that the owners before one leave to others.</summary>
    public readonly int LeftBefore(int owner) => (owner * (Slices - OwnSlices)) - ((owner >> 1) * MoreSlices);

    /// <summary>The first part of a cluster's work.</summary>
    public readonly PrefillPart First(int cluster) => Sharers > 1 ? Shared(cluster) : Help(cluster, (cluster - Owners) * HelpSlices);

    /// <summary>The part after another one.</summary>
    public readonly PrefillPart Next(int cluster, PrefillPart part)
    {
        if (Sharers > 1)
            return new() { RowTile = -1 };
        return part.Begin > 0 ? Help(cluster, part.HelpEnd) : Own(cluster, part.Round + 1);
    }

    /// <summary>The place of the first sums that an owner adds.</summary>
    public readonly int FirstPlace(int owner) => owner + (LeftBefore(owner) / HelpSlices);

    /// <summary>The place of the last ones. As the slices of owners and those of helpers follow one another, no other owner has any
    /// between.</summary>
    public readonly int LastPlace(int owner) => owner + ((LeftBefore(owner + 1) - 1) / HelpSlices);

    /// <summary>The part of a helper that begins with a slice of those that owners leave.</summary>
    private readonly PrefillPart Help(int cluster, int at)
    {
        int helper = cluster - Owners;
        int end = IntrinsicMath.Min((helper + 1) * HelpSlices, LeftBefore(Owners));
        if (helper < 0 || at >= end)
            return Own(cluster, 0);
        int owner = at / LeftBefore(2) * 2;
        owner += at >= LeftBefore(owner + 1) ? 1 : 0;
        int tileEnd = LeftBefore(owner + 1);
        int helpEnd = IntrinsicMath.Min(end, tileEnd);
        return Part(WholeTiles + owner, Slices - tileEnd + at, Slices - tileEnd + helpEnd) with { HelpEnd = helpEnd, Place = owner + helper };
    }

    /// <summary>What a cluster computes in a round.</summary>
    private readonly PrefillPart Own(int cluster, int round)
    {
        int whole = (round * Clusters) + cluster;
        if (round < Rounds && whole < WholeTiles)
            return Part(whole, 0, Slices) with { Round = round };
        return round == Rounds && cluster < Owners
            ? Part(WholeTiles + cluster, 0, OwnSlices + ((cluster & 1) * MoreSlices)) with { Round = round }
            : new() { RowTile = -1 };
    }

    /// <summary>The only part of a cluster that shares a tile.</summary>
    private readonly PrefillPart Shared(int cluster)
    {
        int tile = cluster / Sharers;
        int share = cluster - (tile * Sharers);
        return Part(tile, Slices * share / Sharers, Slices * (share + 1) / Sharers) with { Share = share };
    }

    /// <summary>Tiles are numbered by bands of several tiles of weight rows, in each band input rows first.</summary>
    private readonly PrefillPart Part(int tile, int begin, int end)
    {
        int band = tile / (RasterRows * ColumnTiles);
        int inBand = tile - (band * RasterRows * ColumnTiles);
        int bandRows = IntrinsicMath.Min(RasterRows, RowTiles - (band * RasterRows));
        int column = inBand / bandRows;
        return new()
        {
            RowTile = (band * RasterRows) + inBand - (column * bandRows),
            ColumnTile = column,
            Begin = begin,
            End = end,
        };
    }
}
