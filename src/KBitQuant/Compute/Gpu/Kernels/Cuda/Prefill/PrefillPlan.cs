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

    /// <summary>The time to hand over sums, to add them or to write outputs, without the bytes.</summary>
    private const double StepTime = 0.4;

    /// <summary>The time of a column in such a step.</summary>
    private const double ColumnTime = 0.0045;

    /// <summary>The time until a group is at work again that has handed its sums over, or until another one knows.</summary>
    private const double TurnTime = 1;

    /// <summary>How many bytes of sums owners add in a microsecond, all of them together.</summary>
    private const double AddedBytes = 3e6;

    /// <summary>The time to wait for another of the groups that share a tile.</summary>
    private const double SharerTime = 0.3;

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
        var whole = new PrefillSchedule
        {
            RowTiles = rowTiles,
            ColumnTiles = columnTiles,
            Slices = slices,
            OwnSlices = slices,
            Clusters = Math.Min(tiles, clusters),
            Sharers = 1,
        };
        yield return whole with { Rounds = ((tiles - 1) / whole.Clusters) + 1, WholeTiles = tiles };
        // Each tile by the same number of clusters.
        for (int sharers = 2; sharers <= Math.Min(Math.Min(clusters / tiles, slices), PrefillExchange.MaxSharers); sharers++)
            yield return whole with { Clusters = sharers * tiles, Sharers = sharers };
        // Owners and helpers.
        (int rounds, int owners) = Math.DivRem(tiles, clusters);
        for (int own = 1; owners > 0 && own < slices; own++)
        {
            int left = slices - own;
            int least = ((checked(owners * left) - 1) / (clusters - owners)) + 1;
            var divided = whole with { Clusters = clusters, Rounds = rounds, WholeTiles = rounds * clusters, Owners = owners, OwnSlices = own };
            yield return divided with { HelpSlices = least };
            // The same number of helpers for each owner, or of owners for each helper.
            yield return divided with { HelpSlices = least > left ? RoundUp(least, left) : ((left - 1) / (left / least)) + 1 };
            if (left > 1 && (owners + 1) / 2 <= clusters - owners)
                yield return divided with { HelpSlices = (2 * left) - 1, MoreSlices = 1 };
        }
    }

    private static int RoundUp(int value, int step) => (value + step - 1) / step * step;

    private static double TimeOf(PrefillSchedule schedule, IPrefillColumns columns, int multiprocessors)
    {
        bool isAlone = columns.Neighbors > 1 && schedule.Clusters * columns.ClusterSize <= multiprocessors;
        double slice = SliceTime(columns) * (isAlone ? AloneFactor : 1);
        double step = StepTime + (ColumnTime * columns.Count);
        if (schedule.Sharers > 1)
        {
            int most = ((schedule.Slices - 1) / schedule.Sharers) + 1;
            return (most * slice) + (3 * step) + (SharerTime * schedule.Sharers);
        }

        double whole = schedule.Rounds * ((schedule.Slices * slice) + step);
        if (schedule.Owners == 0)
            return whole;
        int left = schedule.LeftBefore(1);
        double help = (schedule.HelpSlices * slice) + (Pieces(schedule.HelpSlices + schedule.MoreSlices, left) * (step + TurnTime));
        double multiplied = whole + ((schedule.OwnSlices + schedule.MoreSlices) * slice);
        // Those whose sums come last, or who compute one slice more, add them by themselves.
        int together = schedule.MoreSlices > 0 || help + TurnTime > multiplied ? (schedule.Owners + 1) / 2 : schedule.Owners;
        double add = StepTime + ((double)together * columns.ClusterSize * PrefillExchange.Bytes(columns.Count) / AddedBytes);
        double own = Math.Max(multiplied, help + TurnTime) + (Pieces(left, schedule.HelpSlices + schedule.MoreSlices) * add) + step;
        return Math.Max(own, help + whole);
    }

    /// <summary>The most parts of a length when the parts of others begin within it.</summary>
    private static int Pieces(int length, int other) => length % other == 0 ? length / other : other % length == 0 ? 1 : ((length - 1) / other) + 2;

    /// <summary>The time of a slice of a group.</summary>
    private static double SliceTime(IPrefillColumns columns) => columns switch
    {
        Columns32 => 2.1,
        Columns64 => 2.5,
        Columns128 => 1.8,
        _ => 2.5,
    };
}
