using KBitQuant.Compute;
using KBitQuant.Compute.Cpu;
using KBitQuant.DataTypes;
using KBitQuant.Quantization;
using KBitQuant.Tests.Quantization;

namespace KBitQuant.Tests.Compute.Cpu;

/// <summary>What is left of a device and its weights when they are disposed of.</summary>
public class CpuDeviceTests
{
    private const int Rows = 40;
    private const int Columns = 64;

    private static readonly QuantizedTensor Tensor =
        BlockwiseQuantizer.Quantize<float>(TestData.Normal(Rows * Columns, 1), Rows, Columns, new QuantizationScheme(DataTypeCatalog.Get("int4")));

    public static TheoryData<string> Kernels =>
        [.. CpuKernels.All.Where(kernel => kernel.ReasonToRefuse(Tensor.Scheme, Rows, Columns) is null).Select(kernel => kernel.Name)];

    [Theory]
    [MemberData(nameof(Kernels))]
    public void AWeightThatOutlivesItsDeviceIsRefused(string kernel)
    {
        var device = new CpuDevice(2);
        PreparedWeight weight = Prepare(device, kernel);
        Multiply(weight);
        device.Dispose();
        device.Dispose();
        Assert.Contains(device.Name, Assert.Throws<ObjectDisposedException>(() => Multiply(weight)).Message, StringComparison.Ordinal);
        Assert.Contains(device.Name, Assert.Throws<ObjectDisposedException>(() => Prepare(device, kernel)).Message, StringComparison.Ordinal);
        weight.Dispose();
        weight.Dispose();
    }

    [Fact]
    public void DevicesAndWeightsSayWhatTheyAre()
    {
        using var device = new CpuDevice(2);
        using PreparedWeight weight = Prepare(device, "decode-row");
        Assert.Equal("CPU, 2 threads", device.ToString());
        Assert.Equal("[40, 64] for decode-row", weight.ToString());
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void ADisposedWeightIsRefused(string kernel)
    {
        using var device = new CpuDevice(2);
        PreparedWeight weight = Prepare(device, kernel);
        weight.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Multiply(weight));
    }

    [Fact]
    public void TheDefaultDeviceCannotBeDisposedOf()
    {
        CpuDevice.Default.Dispose();
        using PreparedWeight weight = CpuDevice.Default.Prepare(Tensor);
        Multiply(weight);
    }

    private static PreparedWeight Prepare(CpuDevice device, string kernel) => device.Prepare(Tensor, new KernelPreference { KernelName = kernel });

    private static void Multiply(PreparedWeight weight) => weight.MatMul<float>(new float[3 * Columns], 3, new float[3 * Rows]);
}
