using FsCheck;
using FsCheck.Xunit;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Prefill;

namespace KBitQuant.Tests.Compute.Gpu;

/// <summary>How the work of large batches is divided, whatever the shape and the GPU.</summary>
public class PrefillPlanTests
{
    [Property(MaxTest = 500)]
    public void EverySliceOfEveryTileIsComputedOnce(PositiveInt units, PositiveInt slices, PositiveInt m, PositiveInt clusters)
    {
        PrefillSchedule schedule = Plan(units, slices, m, clusters);
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

    /// <summary>A cluster that begins a tile waits for those that hand it the rest. They do so before they wait themselves, and hand
    /// over no more than once.</summary>
    [Property(MaxTest = 500)]
    public void WhatIsHandedOverIsTheRestOfATile(PositiveInt units, PositiveInt slices, PositiveInt m, PositiveInt clusters)
    {
        PrefillSchedule schedule = Plan(units, slices, m, clusters);
        PrefillPart[][] parts = [.. Enumerable.Range(0, schedule.Clusters).Select(cluster => Parts(schedule, cluster).ToArray())];
        int taken = 0;
        for (int cluster = 0; cluster < schedule.Clusters; cluster++)
        {
            foreach (PrefillPart part in parts[cluster].Where(part => part.Begin == 0 && part.End < schedule.Slices))
            {
                Assert.Equal(parts[cluster][^1], part);
                int end = part.End;
                for (int other = cluster + 1; schedule.Start(other) < part.TileEnd; other++, taken++)
                {
                    PrefillPart given = parts[other].Single(candidate => candidate.Begin > 0);
                    Assert.Equal((part.RowTile, part.ColumnTile, end), (given.RowTile, given.ColumnTile, given.Begin));
                    Assert.DoesNotContain(parts[other], candidate => candidate.Number < given.Number && candidate.Number >= schedule.Rounds);
                    end = given.End;
                }

                Assert.Equal(schedule.Slices, end);
            }
        }

        Assert.Equal(parts.Sum(all => all.Count(part => part.Begin > 0)), taken);
    }

    [Fact]
    public void FewTilesAreDividedAmongTheClusters()
    {
        var plan = PrefillPlan.For(units: 256, slices: 16, m: 256, clusters: 66);
        Assert.Equal(64, plan.Schedule.Clusters);
        Assert.Equal(0, plan.Schedule.Rounds);
    }

    private static PrefillSchedule Plan(PositiveInt units, PositiveInt slices, PositiveInt m, PositiveInt clusters)
    {
        PrefillSchedule schedule = PrefillPlan.For(units.Get * 7, slices.Get, m.Get * 13, clusters.Get).Schedule;
        Assert.InRange(schedule.Clusters, 1, clusters.Get);
        return schedule;
    }

    private static IEnumerable<PrefillPart> Parts(PrefillSchedule schedule, int cluster)
    {
        for (PrefillPart part = schedule.First(cluster); part.RowTile >= 0; part = schedule.Next(cluster, part))
            yield return part;
    }
}
