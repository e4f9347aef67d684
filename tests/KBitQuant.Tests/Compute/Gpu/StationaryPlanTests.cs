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

    private static readonly StationaryVariant Nf4 = new(new(4, PackedView.HalfConstants, HasOffsets: false, IsHalf: true), 16, IsComputed: false);

    [Theory]
    [MemberData(nameof(Shapes))]
    public void ClustersAreTheSmallestWhoseWarpsHaveASliceEach(int rows, int columns, string expected)
    {
        StationaryPlan plan = Assert.NotNull(StationaryPlan.For(BatchPlanTests.Work(rows, columns, 16, 1), Nf4, BatchPlanTests.H200, BatchPlanTests.CountClusters));
        Assert.Equal(expected, $"{plan.ClusterSize} {plan.Slots} {plan.Phases}");
    }

    [Fact]
    public void EveryPlanFits() => Prop.ForAll(
        Gen.Choose(1, 300000).ToArbitrary(),
        Gen.Choose(1, 40000).ToArbitrary(),
        Variants().ToArbitrary(),
        (rows, columns, variant) =>
        {
            BatchWork work = BatchPlanTests.Work(rows, columns, variant.Columns, 1);
            StationaryPlan? found = StationaryPlan.For(work, variant, BatchPlanTests.H200, columns % 2 == 0 ? BatchPlanTests.CountClusters : null);
            Assert.Equal(work.Slices <= (columns % 2 != 0 ? 16 : variant.Columns <= 8 ? 128 : 64), found is not null);
            if (found is not { } plan)
                return;
            CudaGrid grid = plan.Grid(work, variant.StageBytes);
            Assert.InRange(grid.GroupSize * grid.GroupY, 32, StationaryGroup.MaxSize);
            Assert.InRange(grid.SharedBytes, 1, BatchPlanTests.H200.SharedBytes - BatchGpu.ReservedBytes);
            Assert.InRange(plan.Clusters, 1, work.Units);
            int turns = ((work.Units - 1) / variant.UnitsAtOnce) + 1;
            Assert.Equal((((turns - 1) / plan.Clusters) + 1) * variant.UnitsAtOnce, plan.Units);
            Assert.InRange(plan.RoundUnits, 1, plan.Units);
            int turn = plan.Phases * variant.UnitsAtOnce;
            Assert.True(variant.UnitsAtOnce == 1 || plan.RoundUnits == plan.Units || plan.RoundUnits % turn == 0, "a round ends within a turn");
            Assert.True(plan.Slots * plan.ClusterSize >= work.Slices, "slices are missing");
        }).QuickCheckThrowOnFailure();

    /// <summary>Where there is no table, stages lie side by side: half of the bytes.</summary>
    [Theory]
    [InlineData(5, 128 * 1024, 42 * 1024)]
    [InlineData(8, 128 * 1024, 66 * 1024)]
    public void ComputedValuesTakeLessSharedMemory(int bits, int most, int computed)
    {
        StationaryVariant variant = Nf4 with { Weight = Nf4.Weight with { Bits = bits } };
        Assert.InRange(variant.StageBytes, computed, most + (2 * 1024));
        Assert.Equal(computed, (variant with { IsComputed = true }).StageBytes);
    }

    private static Gen<StationaryVariant> Variants() =>
        from bits in Gen.Choose(2, 8)
        from kind in Gen.Elements(PackedView.HalfConstants, PackedView.FloatConstants)
        from hasOffsets in Gen.Elements(false, true)
        from isUniform in Gen.Elements(false, true)
        from m in Gen.Elements(1, 8, 16)
        select StationaryVariant.For(new(bits, kind, hasOffsets, IsHalf: true), m, isUniform, hasBytes: isUniform && bits == 2);
}
