using FsCheck;
using FsCheck.Xunit;
using KBitQuant.Compute.Gpu.Kernels.Cuda;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Prefill;

namespace KBitQuant.Tests.Compute.Gpu;

/// <summary>How the work of large batches is divided, whatever the shape and the GPU.</summary>
public class PrefillPlanTests
{
    // Those of an H200.
    private const int Multiprocessors = 132;
    private const int SharedBytes = 227 << 10;

    [Property(MaxTest = 500)]
    public void EverySliceOfEveryTileIsComputedOnce(PositiveInt units, PositiveInt slices, PositiveInt m, PositiveInt multiprocessors)
    {
        PrefillSchedule schedule = Plan(units, slices, m, multiprocessors);
        var seen = new int[schedule.RowTiles, schedule.ColumnTiles, schedule.Slices];
        for (int cluster = 0; cluster < schedule.Clusters; cluster++)
        {
            foreach (PrefillPart part in Parts(schedule, cluster))
            {
                for (int slice = part.Begin; slice < part.End; slice++)
                    seen[part.RowTile, part.ColumnTile, slice]++;
            }
        }

        Assert.All(seen.Cast<int>(), count => Assert.Equal(1, count));
    }

    /// <summary>A cluster that owns a divided tile waits for those that hand it the rest. They do so before all else, and wait for nobody.</summary>
    [Property(MaxTest = 500)]
    public void WhatIsHandedOverIsTheRestOfATile(PositiveInt units, PositiveInt slices, PositiveInt m, PositiveInt multiprocessors)
    {
        PrefillSchedule schedule = Plan(units, slices, m, multiprocessors);
        PrefillPart[][] parts = [.. Enumerable.Range(0, schedule.Clusters).Select(cluster => Parts(schedule, cluster).ToArray())];
        if (schedule.Sharers > 1)
        {
            AssertSharersFollowEachOther(schedule, parts);
            return;
        }

        Assert.All(parts, all => Assert.Equal(all.OrderBy(part => part.Begin == 0), all));
        Dictionary<int, PrefillPart> given = parts.SelectMany(all => all).Where(part => part.Begin > 0).ToDictionary(part => part.Place);
        Assert.All(given.Keys, place => Assert.InRange(place, 0, schedule.Clusters - 1));
        for (int owner = 0; owner < schedule.Owners; owner++)
        {
            PrefillPart own = parts[owner][^1];
            int end = own.End;
            for (int place = schedule.FirstPlace(owner); place <= schedule.LastPlace(owner); place++)
            {
                Assert.True(given.Remove(place, out PrefillPart part));
                Assert.Equal((own.RowTile, own.ColumnTile, end), (part.RowTile, part.ColumnTile, part.Begin));
                end = part.End;
            }

            Assert.Equal(schedule.Slices, end);
        }

        Assert.Empty(given);
    }

    [Theory]
    [InlineData(4096, 4096, 32, 32, 8)]
    [InlineData(4096, 4096, 64, 64, 8)]
    [InlineData(4096, 4096, 128, 128, 4)]
    [InlineData(4096, 4096, 256, 256, 4)]
    [InlineData(8192, 8192, 64, 64, 4)]
    [InlineData(11008, 4096, 64, 64, 1)]
    [InlineData(11008, 4096, 256, 256, 1)]
    [InlineData(28672, 8192, 64, 64, 1)]
    [InlineData(8192, 8192, 4096, 256, 1)]
    public void TheFastestPlanIsFound(int rows, int columns, int m, int expectedColumns, int sharers)
    {
        var plan = PrefillPlan.For(rows / PackedLayout.UnitRows, columns / PackedLayout.SliceColumns, m, Multiprocessors, candidate => CountClusters(candidate, Multiprocessors));
        Assert.Equal((expectedColumns, sharers), (plan.Columns.Count, plan.Schedule.Sharers));
    }

    /// <summary>Every column of a tile that inputs are for is some group's.</summary>
    [Property]
    public void SharesAreAllColumns(PositiveInt m, PositiveInt sharers)
    {
        var shares = Enumerable.Range(0, sharers.Get).Select(share => ColumnShare.Of(256, m.Get, share, sharers.Get)).ToArray();
        Assert.Equal(0, shares[0].First);
        Assert.All(shares.Zip(shares.Skip(1)), pair => Assert.Equal(pair.First.End, pair.Second.First));
        Assert.Equal((Math.Min(m.Get, 256) + 7) / 8, shares[^1].End);
    }

    [Fact]
    public void GroupsFitSideBySide() => Assert.All(
        PrefillVariant.AllColumns, columns => Assert.Equal(columns.Neighbors, PrefillGroup.Neighbors(columns, SharedBytes)));

    private static void AssertSharersFollowEachOther(PrefillSchedule schedule, PrefillPart[][] parts)
    {
        for (int cluster = 0; cluster < schedule.Clusters; cluster++)
        {
            PrefillPart part = Assert.Single(parts[cluster]);
            Assert.Equal(cluster % schedule.Sharers, part.Share);
            PrefillPart first = parts[cluster - part.Share][0];
            Assert.Equal((first.RowTile, first.ColumnTile), (part.RowTile, part.ColumnTile));
        }
    }

    private static PrefillSchedule Plan(PositiveInt units, PositiveInt slices, PositiveInt m, PositiveInt multiprocessors)
    {
        var plan = PrefillPlan.For(units.Get * 7, slices.Get, m.Get * 13, multiprocessors.Get, columns => CountClusters(columns, multiprocessors.Get));
        Assert.InRange(plan.Schedule.Clusters, 1, CountClusters(plan.Columns, multiprocessors.Get));
        return plan.Schedule;
    }

    private static int CountClusters(IPrefillColumns columns, int multiprocessors) =>
        Math.Max(multiprocessors * columns.Neighbors / columns.ClusterSize, 1);

    private static IEnumerable<PrefillPart> Parts(PrefillSchedule schedule, int cluster)
    {
        for (PrefillPart part = schedule.First(cluster); part.RowTile >= 0; part = schedule.Next(cluster, part))
            yield return part;
    }
}
