using KBitQuant.Compute.Gpu;
using KBitQuant.Compute.Gpu.Kernels.Cuda;
using KBitQuant.DataTypes;
using KBitQuant.Packing;
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
        QuantizedTensor tensor = Quantize(new(DataTypeCatalog.Get($"int{bits}")) { Constants = ConstantFormat.Get(constants), Offset = offset, Nested = isNested });
        var expected = new float[tensor.Length];
        BlockwiseQuantizer.Dequantize<float>(tensor, expected);
        using GpuDevice device = GpuDevice.OpenEmulated();
        Assert.Equal(expected, Unpack(device, tensor));
    }

    /// <summary>What kernels for 2 bits load: lane 4g + t, word j of a tile, byte i has columns 32j + 8t + 2i and the next one, of row g in its lower half and of row
    /// g + 8 in its upper one.</summary>
    [Fact]
    public void ASymbolOfTwoBitsIsOfTwoRows()
    {
        QuantizedTensor tensor = Quantize(new(DataTypeCatalog.Get("int2")));
        var codes = new byte[tensor.Length];
        BitPacking.Unpack(tensor.Codes, 2, codes);
        using GpuDevice device = GpuDevice.OpenEmulated();
        using GpuDevice.Call call = device.Enter();
        using var weight = new PackedWeight(device, tensor);
        int tiles = weight.View.Layout.Tiles;
        for (int i = 0; i < codes.Length; i++)
        {
            (int row, int column) = Math.DivRem(i, Columns);
            int lane = (row % 8 * 4) + (column / 8 % 4);
            int word = ((((row / 16 * tiles) + (column / 128)) * 32) + lane) * 4 + (column / 32 % 4);
            int bit = (column / 2 % 4 * 8) + (row / 8 % 2 * 4) + (column % 2 * 2);
            Assert.Equal(codes[i], (weight.View.Codes[word] >> bit) & 3);
        }
    }

    [Fact]
    public void AnEmulatedGpuSaysWhyItHasNoTensorCores()
    {
        using GpuDevice device = GpuDevice.OpenEmulated();
        Assert.Contains("CUDA", device.RejectedKernels["cuda-tensorcore"], StringComparison.Ordinal);
        Assert.DoesNotContain("cuda-tensorcore", device.KernelNames);
    }

    private static QuantizedTensor Quantize(QuantizationScheme scheme)
    {
        var random = new Random(scheme.DataType.Bits);
        float[] values = [.. Enumerable.Range(0, Rows * Columns).Select(_ => (float)((random.NextDouble() - 0.4) * random.NextDouble()))];
        return BlockwiseQuantizer.Quantize<float>(values, Rows, Columns, scheme);
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
