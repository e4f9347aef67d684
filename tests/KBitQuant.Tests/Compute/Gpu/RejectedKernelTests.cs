using System.Numerics.Tensors;
using KBitQuant.Compute;
using KBitQuant.Compute.Cpu;
using KBitQuant.Compute.Gpu;
using KBitQuant.Compute.Gpu.Kernels.Cuda;
using KBitQuant.DataTypes;
using KBitQuant.Numerics;
using KBitQuant.Quantization;
using KBitQuant.Tests.Quantization;

namespace KBitQuant.Tests.Compute.Gpu;

/// <summary>Where a driver rejects kernels, others take over, and the reason is kept.</summary>
public class RejectedKernelTests
{
    private const int Rows = 19;
    private const int Columns = 320;

    /// <summary>Batches that each go to another kernel of the tensor cores.</summary>
    private static readonly int[] Batches = [1, 3, 17, 70];

    /// <summary>The start of the names of classes whose kernels are rejected: all, and each that has another one after it.</summary>
    public static TheoryData<string> Rejected { get; } = ["", "StationaryKernel", "VectorKernel", "PrefillKernel", "BatchKernel", "ProbeKernel"];

    /// <summary>Architectures, and whether their table begins with tensor cores.</summary>
    public static TheoryData<int, bool> Architectures { get; } = new() { { 70, false }, { 75, false }, { 80, true }, { 86, true }, { 89, true }, { 90, true } };

    [Theory]
    [MemberData(nameof(Architectures))]
    public void ADeviceWhoseDriverRejectsEverythingHasThePortableKernel(int architecture, bool hasTensorCores)
    {
        using GpuDevice device = RejectingLoader.OpenEmulated(architecture, out RejectingLoader loader);
        Assert.Equal(["portable"], device.KernelNames);
        Assert.Equal(hasTensorCores, device.RejectedKernels["cuda-tensorcore"] == RejectingLoader.Reason);
        Assert.Equal(hasTensorCores, loader.Methods.Count > 0);
        Assert.Equal(hasTensorCores, device.RejectedKernels["cuda-warpgroup"] == RejectingLoader.Reason);
        Assert.True(hasTensorCores || device.RejectedKernels["cuda-tensorcore"].Contains($"{architecture}, below 80", StringComparison.Ordinal));
    }

    /// <summary>A weight that is packed for tensor cores already, when their kernels turn out to be rejected.</summary>
    [Theory]
    [InlineData(80, false)]
    [InlineData(90, true)]
    public void APackedWeightIsMultipliedByThePortableKernel(int architecture, bool hasWarpgroups)
    {
        using GpuDevice device = RejectingLoader.OpenEmulated(architecture, out RejectingLoader loader);
        QuantizedTensor tensor = Weight("nf4");
        using PreparedWeight portable = device.Prepare(tensor);
        using var packed = new TensorCoreWeight(device, tensor, "packed", hasWarpgroups);
        foreach (int m in Batches)
        {
            Assert.Equal(Product<Half>(portable, m), Product<Half>(packed, m));
            // Once is enough of the largest, which take longest to emulate.
            if (m < Batches[^1])
                Assert.Equal(Product<BFloat16>(portable, m), Product<BFloat16>(packed, m));
        }

        Assert.False(packed.CanFuse);
        Assert.Equal(RejectingLoader.Reason, device.RejectedKernels["packed of k = 4"]);
        string[] asked = [.. loader.Methods.Select(method => method.DeclaringType!.Name.Split('`')[0]).Distinct().Order()];
        string[] table = ["BatchKernel", "PrefillKernel", "StationaryKernel", "VectorKernel"];
        Assert.Equal(table.Where(name => hasWarpgroups || name != "PrefillKernel"), asked.Intersect(table));
    }

    [Fact]
    public void QuantizingFallsBackToThePortableKernels()
    {
        using GpuDevice device = RejectingLoader.OpenEmulated(90, out _);
        float[] values = TestData.Normal(2 * 1024, 5);
        var scheme = new QuantizationScheme(DataTypeCatalog.Get("nf4"));
        QuantizedTensor expected = BlockwiseQuantizer.Quantize<float>(values, 1, values.Length, scheme);
        var decoded = new float[values.Length];
        BlockwiseQuantizer.Dequantize<float>(expected, decoded);

        using GpuTensor<float> source = device.Upload<float>(values);
        using GpuQuantizedTensor actual = device.Quantize(source, 1, values.Length, scheme);
        var actualDecoded = new float[values.Length];
        device.Dequantize<float>(expected, actualDecoded);

        Assert.Equal(expected.Codes, actual.ToTensor().Codes);
        Assert.Equal(decoded, actualDecoded);
        Assert.Equal(RejectingLoader.Reason, device.RejectedKernels["cuda-quantize"]);
        Assert.Equal(RejectingLoader.Reason, device.RejectedKernels["cuda-dequantize"]);
    }

    /// <summary>On the GPUs of the machine: whatever of the table is rejected, products are right.</summary>
    [Theory]
    [MemberData(nameof(Rejected))]
    public void AGpuMultipliesWithWhatItsDriverTakes(string rejected)
    {
        QuantizedTensor tensor = Weight("int5");
        using PreparedWeight reference = CpuDevice.Default.Prepare(tensor, new KernelPreference { KernelName = "reference" });
        foreach (GpuDeviceInfo info in GpuDevice.List())
        {
            using GpuDevice device = RejectingLoader.Open(info.Index, name => name.StartsWith(rejected, StringComparison.Ordinal));
            using PreparedWeight weight = device.Prepare(tensor);
            foreach (int m in Batches)
            {
                float[] expected = Product<Half>(reference, m);
                float[] actual = Product<Half>(weight, m);
                // Table entries, constants and their product are rounded to halves, and the result is.
                double tolerance = 4 * Math.ScaleB(1, -11) * TensorPrimitives.Norm<float>(expected);
                Assert.InRange(TensorPrimitives.Distance<float>(expected, actual), 0, tolerance);
            }

            Assert.All(device.RejectedKernels.Where(pair => pair.Key.Contains("of k", StringComparison.Ordinal)), pair => Assert.Equal(RejectingLoader.Reason, pair.Value));
        }
    }

    private static QuantizedTensor Weight(string type) =>
        BlockwiseQuantizer.Quantize<float>(TestData.Normal(Rows * Columns, 1), Rows, Columns, new QuantizationScheme(DataTypeCatalog.Get(type)));

    private static float[] Product<T>(PreparedWeight weight, int m)
        where T : unmanaged
    {
        var x = new T[m * Columns];
        Elements.FromSingle<T>(TestData.Normal(x.Length, 2), x);
        var y = new T[m * Rows];
        weight.MatMul<T>(x, m, y);
        var result = new float[y.Length];
        Elements.ToSingle<T>(y, result);
        return result;
    }
}
