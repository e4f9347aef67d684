namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Prefill;

/// <summary>How a product is divided among the clusters of a GPU: the fastest of some ways, by what their parts were measured to
/// take.</summary>
/// <param name="Columns">Input rows of a group: 128 or 256.</param>
/// <param name="Schedule">The clusters' work.</param>
/// <param name="Cost">The time, in that of a slice of 128 weight rows by 256 input rows.</param>
internal readonly record struct PrefillPlan(int Columns, PrefillSchedule Schedule, double Cost)
{
    /// <summary>The time of a slice by 128 input rows, as measured on an H200: 1.9 us, of 2.4 us by 256.</summary>
    private const double SmallSliceCost = 0.8;

    /// <summary>The time to hand over and add the sums of a group with 256 input rows, as measured on an H200: 3 to 4 us.</summary>
    private const double ExchangeCost = 1.5;

    /// <summary>The fastest way.</summary>
    /// <param name="units">Units of the weight that hold rows.</param>
    /// <param name="slices">Slices of a unit.</param>
    /// <param name="m">Rows of the inputs.</param>
    /// <param name="clusters">Clusters that run at once.</param>
    public static PrefillPlan For(int units, int slices, int m, int clusters)
    {
        int rowTiles = ((units - 1) / (PrefillGroup.ClusterSize * PrefillGroup.Units)) + 1;
        return new[] { default(Columns256).Count, default(Columns128).Count }
            .SelectMany(columns => Ways(rowTiles, ((m - 1) / columns) + 1, slices, clusters)
                .Select(schedule => new PrefillPlan(columns, schedule, CostOf(schedule, columns))))
            .MinBy(plan => plan.Cost);
    }

    private static IEnumerable<PrefillSchedule> Ways(int rowTiles, int columnTiles, int slices, int clusters)
    {
        int tiles = checked(rowTiles * columnTiles);
        var whole = new PrefillSchedule { RowTiles = rowTiles, ColumnTiles = columnTiles, Slices = slices, Clusters = Math.Min(tiles, clusters) };
        yield return whole with { Rounds = ((tiles - 1) / whole.Clusters) + 1, WholeTiles = tiles };
        // Each tile by the same number of clusters.
        for (int count = 2 * tiles; count <= clusters && count <= tiles * slices; count += tiles)
            yield return Divide(whole, 0, tiles, count);
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

    private static double CostOf(PrefillSchedule schedule, int columns)
    {
        double share = (double)columns / default(Columns256).Count;
        int clusterSlices = schedule.ClusterSlices + (schedule.LongerClusters > 0 ? 1 : 0);
        // Those that clusters hand to the one that began a tile.
        int exchanges = clusterSlices == 0 ? 0 : schedule.ClusterSlices > 0 && schedule.Slices % schedule.ClusterSlices == 0 && schedule.LongerClusters == 0
            ? (schedule.Slices / schedule.ClusterSlices) - 1
            : (schedule.Slices / clusterSlices) + 1;
        double sliceCost = columns == default(Columns256).Count ? 1 : SmallSliceCost;
        return ((((double)schedule.Rounds * schedule.Slices) + clusterSlices) * sliceCost) + (exchanges * share * ExchangeCost);
    }
}
