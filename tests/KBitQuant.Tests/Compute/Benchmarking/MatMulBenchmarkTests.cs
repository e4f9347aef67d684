using KBitQuant.Compute;
using KBitQuant.Compute.Benchmarking;
using KBitQuant.Compute.Cpu;
using KBitQuant.DataTypes;

namespace KBitQuant.Tests.Compute.Benchmarking;

/// <summary>The benchmark on a device that tells made-up times, and can be made to compute wrongly.</summary>
public class MatMulBenchmarkTests
{
    private static readonly int[] BatchSizes = [1, 30];

    [Fact]
    public void ResultsHaveTheMedianTimeAndTheSharesOfTheCeilings()
    {
        using var device = new FakeDevice();
        foreach (MatMulResult result in Time(device, new KernelPreference()))
        {
            Assert.Null(result.Failure);
            Assert.Equal(FakeDevice.ProductSeconds, result.Time!.Value.Median);
            Assert.Equal(result.WeightBytes / FakeDevice.ProductSeconds / 1e9 / FakeDevice.ReadGigabytes, result.ShareOfRead!.Value, 12);
            Assert.Equal(2.0 * result.Cell.BatchSize * 64 * 64 / FakeDevice.ProductSeconds / 1e9 / FakeDevice.GigaFlops, result.ShareOfPeak!.Value, 12);
            Assert.True(result.RelativeError < 1e-6);
        }
    }

    [Fact]
    public void WeightsRotateOverMoreThanTheCache()
    {
        using var device = new FakeDevice();
        MatMulResult result = Time(device, new KernelPreference())[0];
        Assert.All(device.Copies, copies => Assert.True(copies * result.WeightBytes > device.RotationBytes));
    }

    [Fact]
    public void AWrongOutputHasNoTime()
    {
        using var device = new FakeDevice { WrongBatchSize = 30 };
        IReadOnlyList<MatMulResult> results = Time(device, new KernelPreference());
        Assert.Null(results[0].Failure);
        Assert.NotNull(results[1].Failure);
        Assert.Null(results[1].Time);
    }

    [Fact]
    public void AKernelThatRefusesFailsAndTheOthersGoOn()
    {
        using var device = new FakeDevice();
        IReadOnlyList<MatMulResult> results = Time(device, new() { KernelName = "none" }, new KernelPreference());
        Assert.Equal([true, true, false, false], results.Select(result => result.Failure is not null));
        Assert.Contains("'none'", results[0].Failure, StringComparison.Ordinal);
    }

    [Fact]
    public void BatchSizesAreTimedOneAfterTheOther()
    {
        using var device = new FakeDevice();
        Time(device, new KernelPreference { KernelName = "row-lanes" }, new KernelPreference { KernelName = "reference" });
        int second = device.TimedBatchSizes.IndexOf(BatchSizes[1]);
        Assert.All(device.TimedBatchSizes[..second], m => Assert.Equal(BatchSizes[0], m));
        Assert.All(device.TimedBatchSizes[second..], m => Assert.Equal(BatchSizes[1], m));
    }

    [Fact]
    public void CheckingTakesNoTime()
    {
        using var device = new FakeDevice { WrongBatchSize = 1 };
        IReadOnlyList<MatMulResult> results = new MatMulBenchmark(device).Check(64, 64, new(DataTypeCatalog.Get("nf4")), BatchSizes, [new KernelPreference()]);
        Assert.NotNull(results[0].Failure);
        Assert.NotNull(results[1].RelativeError);
        Assert.Null(results[1].Time);
        Assert.Equal([1, 1], device.Copies);
    }

    private static IReadOnlyList<MatMulResult> Time(FakeDevice device, params KernelPreference[] preferences) =>
        new MatMulBenchmark(device).Time(64, 64, new(DataTypeCatalog.Get("nf4")), BatchSizes, preferences);

    private sealed class FakeDevice : BenchmarkDevice
    {
        public const double ProductSeconds = 0.25;
        public const double ReadGigabytes = 5;
        public const double GigaFlops = 20;

        public int WrongBatchSize { get; init; }

        public List<int> Copies { get; } = [];

        /// <summary>M of each pass, in their order.</summary>
        public List<int> TimedBatchSizes { get; } = [];

        public override ComputeDevice Device => CpuDevice.Default;

        public override string Description => "fake";

        public override Type Element => typeof(float);

        public override long RotationBytes => 10_000;

        public override IReadOnlyList<TimedPass> CeilingPasses { get; } = [new(() => 2), new(() => 3)];

        public override Ceilings CeilingsOf(IReadOnlyList<Timing> timings) => new(ReadGigabytes * timings[0].Median / 2, GigaFlops * timings[1].Median / 3);

        public override KernelPrecision PrecisionOf(string kernelName) => default;

        public override float[] Round(float[] inputs) => inputs;

        public override BenchmarkProduct CreateProduct(IReadOnlyList<PreparedWeight> copies, float[] inputs, int m)
        {
            Copies.Add(copies.Count);
            return new Product(copies[0], inputs, m, m == WrongBatchSize ? 1 : 0, TimedBatchSizes);
        }

        public override void Dispose()
        {
        }

        private sealed class Product(PreparedWeight weight, float[] inputs, int m, float error, List<int> timed) : BenchmarkProduct
        {
            private readonly float[] _outputs = new float[m * weight.Rows];

            public override void RunOnce() => weight.MatMul<float>(inputs, m, _outputs);

            public override double SecondsEach(int count)
            {
                timed.Add(m);
                return ProductSeconds;
            }

            public override float[] Outputs() => [.. _outputs.Select(output => output + error)];

            public override void Dispose()
            {
            }
        }
    }
}
