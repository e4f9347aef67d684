using ILGPU;
using ILGPU.Runtime;
using KBitQuant.Compute;
using KBitQuant.Compute.Cpu;
using KBitQuant.Compute.Gpu;
using KBitQuant.DataTypes;
using KBitQuant.Quantization;

namespace KBitQuant.Tests.Compute.Gpu;

public class GpuDeviceTests
{
    private const int Rows = 3;
    private const int Columns = 40;

    private static readonly QuantizedTensor Tensor = Quantize(Rows, Columns);

    [Fact]
    public void AMissingGpuIsReportedWithWhatThereIs()
    {
        NotSupportedException error = Assert.Throws<NotSupportedException>(() => GpuDevice.Open("no such card"));
        Assert.Contains(GpuDevice.List().Count == 0 ? "'emulated'" : "'no such card'", error.Message, StringComparison.Ordinal);
        Assert.Throws<NotSupportedException>(() => GpuDevice.Open(-1));
    }

    [Fact]
    public void TheFirstGpuOpensWhereThereIsOne()
    {
        Assert.SkipWhen(GpuDevice.List().Count == 0, "needs a GPU");
        using GpuDevice device = GpuDevice.Open();
        Assert.Contains(GpuDevice.List()[0].Name, device.Name, StringComparison.Ordinal);
    }

    [Fact]
    public void AnUnknownKernelIsReportedWithThoseThatThereAre()
    {
        var preference = new KernelPreference { KernelName = "no-such-kernel" };
        NotSupportedException error = Assert.Throws<NotSupportedException>(() => TestDevices.Get(TestDevices.Emulated).Prepare(Tensor, preference));
        Assert.Contains("portable", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ADestinationOfAnotherLengthIsRefused()
    {
        using GpuDevice device = GpuDevice.OpenEmulated();
        Assert.Throws<ArgumentException>(() => device.Dequantize<float>(Tensor, new float[Tensor.Length - 1]));
        Assert.Throws<NotSupportedException>(() => device.Dequantize<int>(Tensor, new int[Tensor.Length]));
    }

    [Fact]
    public void TheDeviceMayBeDisposedOfBeforeItsWeights()
    {
        GpuDevice device = GpuDevice.OpenEmulated();
        PreparedWeight weight = device.Prepare(Tensor);
        Multiply(weight, 1);
        device.Dispose();
        device.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Multiply(weight, 1));
        Assert.Throws<ObjectDisposedException>(() => device.Prepare(Tensor));
        Assert.Throws<ObjectDisposedException>(() => device.Dequantize<float>(Tensor, new float[Tensor.Length]));
        weight.Dispose();
        weight.Dispose();
    }

    [Fact]
    public void WeightsMayBeDisposedOfBeforeTheDevice()
    {
        using GpuDevice device = GpuDevice.OpenEmulated();
        PreparedWeight weight = device.Prepare(Tensor);
        using PreparedWeight other = device.Prepare(Tensor);
        Multiply(weight, 1);
        weight.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Multiply(weight, 1));
        Assert.Equal(Expected(2), Multiply(other, 2));
    }

    [Fact]
    public void BatchesOfAnySizeFollowOneAnother()
    {
        using PreparedWeight weight = TestDevices.Get(TestDevices.Emulated).Prepare(Tensor);
        foreach (int m in new[] { 1, 7, 2, 0, 9 })
            Assert.Equal(Expected(m), Multiply(weight, m));
    }

    [Fact]
    public void MemoryIsKeptUntilItIsTooSmall()
    {
        using GpuDevice device = GpuDevice.OpenEmulated();
        using GpuDevice.Call call = device.Enter();
        using var array = new DeviceArray<float>(device);
        nint first = Address(array.Upload(new float[100]));
        Assert.Equal(first, Address(array.Upload(new float[100])));
        Assert.Equal(first, Address(array.Reserve(1)));
        array.Reserve(101);
        Assert.Equal(101 * sizeof(float), array.ByteLength);
    }

    [Theory]
    [InlineData(0, 5)]
    [InlineData(5, 0)]
    public void EmptyWeightsGiveTheBias(int rows, int columns)
    {
        var device = (GpuDevice)TestDevices.Get(TestDevices.Emulated);
        QuantizedTensor tensor = Quantize(rows, columns);
        device.Dequantize<float>(tensor, []);
        using PreparedWeight weight = device.Prepare(tensor);
        float[] bias = [.. Enumerable.Range(0, rows).Select(i => (float)i)];
        var y = new float[2 * rows];
        weight.MatMul<float>(new float[2 * columns], 2, y, bias);
        Assert.Equal([.. bias, .. bias], y);
    }

    [Fact]
    public async Task ThreadsShareADeviceAndAWeight()
    {
        using GpuDevice device = GpuDevice.OpenEmulated();
        using PreparedWeight shared = device.Prepare(Tensor);
        float[][] results = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(
            () =>
            {
                using PreparedWeight own = device.Prepare(Tensor);
                return Multiply(i % 2 == 0 ? shared : own, i + 1);
            },
            TestContext.Current.CancellationToken)));
        for (int i = 0; i < results.Length; i++)
            Assert.Equal(Expected(i + 1), results[i]);
    }

    [Fact]
    public void SeveralDevicesWorkSideBySide()
    {
        using GpuDevice first = GpuDevice.OpenEmulated();
        using GpuDevice second = GpuDevice.OpenEmulated();
        using PreparedWeight onFirst = first.Prepare(Tensor);
        using PreparedWeight onSecond = second.Prepare(Tensor);
        Assert.Equal(Expected(1), Multiply(onFirst, 1));
        Assert.Equal(Expected(1), Multiply(onSecond, 1));
        first.Dispose();
        Assert.Equal(Expected(3), Multiply(onSecond, 3));
    }

    [Fact]
    public async Task AllGpusOfTheMachineWorkAtOnce()
    {
        GpuDevice[] devices = [.. GpuDevice.List().Select(info => GpuDevice.Open(info.Index)), GpuDevice.OpenEmulated(), GpuDevice.OpenEmulated()];
        try
        {
            float[][] results = await Task.WhenAll(devices.Select(device => Task.Run(
                () =>
                {
                    using PreparedWeight weight = device.Prepare(Tensor);
                    return Multiply(weight, 5);
                },
                TestContext.Current.CancellationToken)));
            Assert.All(results, result => Assert.Equal(Expected(5), result));
        }
        finally
        {
            foreach (GpuDevice device in devices)
                device.Dispose();
        }
    }

    private static QuantizedTensor Quantize(int rows, int columns)
    {
        // Eighths, in a table of which every product below is exact: results do not depend on the order of sums.
        var scheme = new QuantizationScheme(new DataType("eighths", [.. Enumerable.Range(-8, 16).Select(i => i / 8f)]));
        float[] values = [.. Enumerable.Range(0, rows * columns).Select(i => ((i * 7 % 16) - 8) / 8f)];
        return BlockwiseQuantizer.Quantize<float>(values, rows, columns, scheme);
    }

    private static nint Address(ArrayView<float> view) => view.LoadEffectiveAddressAsPtr();

    private static float[] Multiply(PreparedWeight weight, int m)
    {
        float[] x = [.. Enumerable.Range(0, m * weight.Columns).Select(i => (i % 11) - 5f)];
        var y = new float[m * weight.Rows];
        weight.MatMul<float>(x, m, y);
        return y;
    }

    private static float[] Expected(int m)
    {
        using PreparedWeight weight = CpuDevice.Default.Prepare(Tensor);
        return Multiply(weight, m);
    }
}
