using KBitQuant.Compute.Gpu;
using KBitQuant.Compute.Gpu.Kernels.Cuda;
using KBitQuant.DataTypes;
using KBitQuant.Quantization;

namespace KBitQuant.Tests.Compute.Gpu;

/// <summary>Packing for the tensor cores, on the emulated GPU: every element comes back from its place.</summary>
public class PackedLayoutTests
{
    private const int Rows = 35;
    private const int Columns = 384;

    public static TheoryData<int, string, BlockOffset, bool> Cases { get; } = new()
    {
        { 2, "fp16", BlockOffset.None, false },
        { 3, "bf16", BlockOffset.Mean, false },
        { 4, "fp32", BlockOffset.None, false },
        { 4, "fp16", BlockOffset.Mean, true },
        { 5, "fp16", BlockOffset.Minimum, false },
        { 6, "bf16", BlockOffset.None, false },
        { 7, "fp32", BlockOffset.Mean, false },
        { 8, "fp16", BlockOffset.None, false },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void EveryElementIsFoundAgain(int bits, string constants, BlockOffset offset, bool isNested)
    {
        var random = new Random(bits);
        float[] values = [.. Enumerable.Range(0, Rows * Columns).Select(_ => (float)((random.NextDouble() - 0.4) * random.NextDouble()))];
        var scheme = new QuantizationScheme(DataTypeCatalog.Get($"int{bits}")) { Constants = ConstantFormat.Get(constants), Offset = offset, Nested = isNested };
        QuantizedTensor tensor = BlockwiseQuantizer.Quantize<float>(values, Rows, Columns, scheme);
        var expected = new float[tensor.Length];
        BlockwiseQuantizer.Dequantize<float>(tensor, expected);
        using GpuDevice device = GpuDevice.OpenEmulated();
        Assert.Equal(expected, Unpack(device, tensor));
    }

    [Fact]
    public void AnEmulatedGpuSaysWhyItHasNoTensorCores()
    {
        using GpuDevice device = GpuDevice.OpenEmulated();
        Assert.Contains("CUDA", device.RejectedKernels["cuda-tensorcore"], StringComparison.Ordinal);
        Assert.DoesNotContain("cuda-tensorcore", device.KernelNames);
    }

    /// <summary>What the portable kernels read from the layout.</summary>
    private static float[] Unpack(GpuDevice device, QuantizedTensor tensor)
    {
        using GpuDevice.Call call = device.Enter();
        using var weight = new PackedWeight(device, tensor);
        PackedView view = weight.View;
        var values = new float[tensor.Length];
        for (int i = 0; i < values.Length; i++)
            values[i] = view.Value(i / tensor.Columns, i % tensor.Columns, tensor.Columns, view.Table);
        return values;
    }
}
