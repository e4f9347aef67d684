namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Prefill;

/// <summary>How a product is divided among the clusters of a GPU: the fastest of some ways, by what their parts were measured to
/// take.</summary>
/// <param name="Columns">Input rows of a group.</param>
/// <param name="Schedule">The clusters' work.</param>
/// <param name="Time">The time, in microseconds of an H200.</param>
internal readonly record struct PrefillPlan(IPrefillColumns Columns, PrefillSchedule Schedule, double Time)
{
    /// <summary>What a group without a neighbor on its multiprocessor takes of the time that it takes beside one.</summary>
    private const double AloneFactor = 0.85;

    /// <summary>The time to hand over the sums of a group, to wait for others' and to add them, without the bytes.</summary>
    private const double ExchangeTime = 1.5;

    /// <summary>The time to hand over or to add a column of a group's sums.</summary>
    private const double ColumnTime = 0.01;

    /// <summary>The time to wait for another of the groups that share a tile.</summary>
    private const double SharerTime = 0.2;

    /// <summary>The fastest way.</summary>
    /// <param name="units">Units of the weight that hold rows.</param>
    /// <param name="slices">Slices of a unit.</param>
    /// <param name="m">Rows of the inputs.</param>
    /// <param name="multiprocessors">The GPU's multiprocessors.</param>
    /// <param name="countClusters">Clusters that run at once, by the input rows of a group; 0 for what the device does not run.</param>
    public static PrefillPlan For(int units, int slices, int m, int multiprocessors, Func<IPrefillColumns, int> countClusters) =>
        PrefillVariant.AllColumns.SelectMany(columns =>
        {
            int rowTiles = ((units - 1) / (columns.ClusterSize * PrefillGroup.Units)) + 1;
            return Ways(rowTiles, ((m - 1) / columns.Count) + 1, slices, countClusters(columns))
                .Select(schedule => new PrefillPlan(columns, schedule, TimeOf(schedule, columns, multiprocessors)));
        }).MinBy(plan => plan.Time);

    private static IEnumerable<PrefillSchedule> Ways(int rowTiles, int columnTiles, int slices, int clusters)
    {
        if (clusters == 0)
            yield break;
        int tiles = checked(rowTiles * columnTiles);
        var whole = new PrefillSchedule { RowTiles = rowTiles, ColumnTiles = columnTiles, Slices = slices, Clusters = Math.Min(tiles, clusters), Sharers = 1 };
        yield return whole with { Rounds = ((tiles - 1) / whole.Clusters) + 1, WholeTiles = tiles };
        // Each tile by the same number of clusters.
        for (int sharers = 2; sharers <= Math.Min(Math.Min(clusters / tiles, slices), PrefillExchange.MaxSharers); sharers++)
            yield return whole with { Clusters = sharers * tiles, Sharers = sharers };
        // One or two tiles for each cluster.
        if (tiles > clusters / 2 && tiles % clusters != 0)
            yield return Divide(whole, Math.Max((tiles / clusters) - 1, 0), tiles, Math.Min(clusters, tiles * slices));
    }

    private static PrefillSchedule Divide(PrefillSchedule whole, int rounds, int tiles, int count)
    {
        int wholeTiles = rounds * count;
        int slices = checked((tiles - wholeTiles) * whole.Slices);
        return whole with { Clusters = count, Rounds = rounds, WholeTiles = wholeTiles, ClusterSlices = slices / count, LongerClusters = slices % count };
    }

    private static double TimeOf(PrefillSchedule schedule, IPrefillColumns columns, int multiprocessors)
    {
        int clusterSlices = schedule.Sharers > 1
            ? ((schedule.Slices - 1) / schedule.Sharers) + 1 : schedule.ClusterSlices + (schedule.LongerClusters > 0 ? 1 : 0);
        double slices = ((double)schedule.Rounds * schedule.Slices) + clusterSlices;
        bool isAlone = columns.Neighbors > 1 && schedule.Clusters * columns.ClusterSize <= multiprocessors;
        double exchanges = schedule.Sharers > 1
            ? ExchangeTime + (SharerTime * schedule.Sharers) + (ColumnTime * columns.Count)
            // Those that clusters hand to the one that began a tile.
            : clusterSlices == 0 ? 0 : ((schedule.Slices / clusterSlices) + 1) * (ExchangeTime + (ColumnTime * columns.Count));
        return (slices * SliceTime(columns) * (isAlone ? AloneFactor : 1)) + exchanges;
    }

    /// <summary>The time of a slice of a group.</summary>
    private static double SliceTime(IPrefillColumns columns) => columns switch
    {
        Columns32 => 2.3,
        Columns64 => 2.7,
        Columns128 => 2.2,
        _ => 3,
    };
}
