using KBitQuant.Compute;
using KBitQuant.Compute.Benchmarking;
using KBitQuant.Compute.Cpu.Benchmarking;

namespace KBitQuant.Tests.Compute.Benchmarking;

public class CpuBenchmarkDeviceTests
{
    [Fact]
    public void ProductsGoThroughTheCopiesInTurn()
    {
        List<int> order = [];
        PreparedWeight[] copies = [.. Enumerable.Range(0, 3).Select(number => new NotedWeight(() => order.Add(number)))];
        using var device = new CpuBenchmarkDevice(threads: 1);
        using BenchmarkProduct product = device.CreateProduct(copies, new float[2], m: 2);
        Assert.All(product.Outputs(), output => Assert.True(float.IsNaN(output)));

        product.RunOnce();
        Assert.True(product.SecondsEach(4) >= 0);
        product.RunOnce();

        Assert.Equal([0, 1, 2, 0, 1, 2], order);
    }

    /// <summary>A weight of one element that tells when it is multiplied.</summary>
    private sealed class NotedWeight(Action note) : PreparedWeight(1, 1, "noted")
    {
        public override long ByteLength => sizeof(float);

        protected override void MatMulCore<T>(ReadOnlySpan<T> x, int m, Span<T> y, ReadOnlySpan<float> bias) => note();
    }
}
