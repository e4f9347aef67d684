using FsCheck;
using FsCheck.Fluent;
using KBitQuant.Compute.Gpu.Cuda;
using KBitQuant.Compute.Gpu.Kernels.Cuda;

namespace KBitQuant.Tests.Compute.Gpu;

/// <summary>How batches are divided.</summary>
public class BatchPlanTests
{
    private const int SharedBytes = 228 << 10;

    internal static readonly BatchGpu H200 = new(132, SharedBytes);

    /// <summary>N, K, input rows of a group, and the plan that was the fastest of those measured on an H200,
    /// or within 3 % of it.</summary>
    public static TheoryData<int, int, int, string> Measured { get; } = new()
    {
        { 4096, 4096, 8, "1 8 1" },
        { 4096, 4096, 16, "1 8 1" },
        { 11008, 4096, 16, "6 1 4" },
        { 28672, 8192, 16, "7 1 2" },
    };

    [Theory]
    [MemberData(nameof(Measured))]
    public void TheFastestPlanIsFound(int rows, int columns, int batch, string expected)
    {
        var plan = BatchPlan.For(Work(rows, columns, batch, 1), H200, CountClusters);
        Assert.Equal(expected, $"{plan.Strips} {plan.Parts} {plan.ClusterSize}");
    }

    [Fact]
    public void EveryPlanFits() => Prop.ForAll(
        Gen.Choose(1, 40000).Four().ToArbitrary(),
        Gen.Elements(8, 16, 32, 64).ToArbitrary(),
        (sizes, batch) =>
        {
            BatchWork work = Work(sizes.Item1, sizes.Item2, batch, (sizes.Item3 % 4) + 1);
            var plan = BatchPlan.For(work, H200, sizes.Item4 % 2 == 0 ? CountClusters : null);
            CudaGrid grid = plan.Grid(work, H200);
            Assert.InRange(grid.GroupSize * grid.GroupY, 1, BatchGroup.MaxSize);
            Assert.InRange(plan.Parts, 1, BatchGroup.MaxParts);
            Assert.InRange(grid.SharedBytes, 1, SharedBytes - BatchGpu.ReservedBytes);
            Assert.True(grid.X / grid.ClusterSize * plan.Strips * BatchGroup.WarpUnits >= work.Units, "rows are missing");
            Assert.True(grid.ClusterSize == 1 || (sizes.Item4 % 2 == 0 && CountClusters(grid) >= grid.X / grid.ClusterSize * grid.Y), "clusters do not fit");
        }).QuickCheckThrowOnFailure();

    internal static BatchWork Work(int rows, int columns, int batch, int batches) => new(
        (rows + PackedLayout.UnitRows - 1) / PackedLayout.UnitRows, (columns + PackedLayout.SliceColumns - 1) / PackedLayout.SliceColumns, batch, batches);

    /// <summary>What the driver of an H200 says, by the size of a cluster from 2 on, where a multiprocessor takes one group or two.</summary>
    internal static int CountClusters(CudaGrid grid)
    {
        int[] one = [66, 39, 30, 22, 17, 15, 15];
        int[] two = [132, 79, 62, 47, 39, 32, 30];
        bool isTwo = grid.GroupSize * grid.GroupY <= BatchGroup.MaxSize / 2 && 2 * (grid.SharedBytes + BatchGpu.ReservedBytes) <= SharedBytes;
        return (isTwo ? two : one)[grid.ClusterSize - 2];
    }
}
