using FsCheck;
using FsCheck.Fluent;
using KBitQuant.Compute.Gpu.Cuda;
using KBitQuant.Compute.Gpu.Kernels.Cuda;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Stationary;

namespace KBitQuant.Tests.Compute.Gpu;

/// <summary>How products of few input rows are divided.</summary>
public class StationaryPlanTests
{
    /// <summary>N, K, and groups of a cluster, warps that divide a group's slices, and how often there are so many.</summary>
    public static TheoryData<int, int, string> Shapes { get; } = new()
    {
        { 4096, 1024, "1 4 2" },
        { 4096, 4096, "1 16 1" },
        { 28672, 8192, "2 16 1" },
        { 4096, 11008, "4 11 1" },
        { 40, 128, "1 1 1" },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void ClustersAreTheSmallestWhoseWarpsHaveASliceEach(int rows, int columns, string expected)
    {
        StationaryPlan plan = Assert.NotNull(StationaryPlan.For(BatchPlanTests.Work(rows, columns, 16, 1), 4, BatchPlanTests.H200, BatchPlanTests.CountClusters));
        Assert.Equal(expected, $"{plan.ClusterSize} {plan.Slots} {plan.Phases}");
    }

    [Fact]
    public void EveryPlanFits() => Prop.ForAll(
        Gen.Choose(1, 300000).ToArbitrary(),
        Gen.Choose(1, 40000).ToArbitrary(),
        Gen.Elements(8, 16).SelectMany(batch => Gen.Choose(2, 8).Select(bits => (batch, bits))).ToArbitrary(),
        (rows, columns, kind) =>
        {
            (int batch, int bits) = kind;
            BatchWork work = BatchPlanTests.Work(rows, columns, batch, 1);
            StationaryPlan? found = StationaryPlan.For(work, bits, BatchPlanTests.H200, columns % 2 == 0 ? BatchPlanTests.CountClusters : null);
            Assert.Equal(work.Slices <= (columns % 2 != 0 ? 16 : batch == 8 ? 128 : 64), found is not null);
            if (found is not { } plan)
                return;
            CudaGrid grid = plan.Grid(work, bits);
            Assert.InRange(grid.GroupSize * grid.GroupY, 32, StationaryGroup.MaxSize);
            Assert.InRange(grid.SharedBytes, 1, BatchPlanTests.H200.SharedBytes - BatchGpu.ReservedBytes);
            Assert.InRange(plan.Clusters, 1, work.Units);
            Assert.InRange(plan.RoundUnits, 1, ((work.Units - 1) / plan.Clusters) + 1);
            Assert.True(plan.Slots * plan.ClusterSize >= work.Slices, "slices are missing");
        }).QuickCheckThrowOnFailure();
}
