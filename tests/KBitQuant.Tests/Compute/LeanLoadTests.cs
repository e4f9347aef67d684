using KBitQuant.Compute;
using KBitQuant.Compute.Benchmarking;
using KBitQuant.Compute.Cpu;
using KBitQuant.Compute.Cpu.Benchmarking;
using KBitQuant.Compute.Gpu;
using KBitQuant.DataTypes;
using KBitQuant.Quantization;

namespace KBitQuant.Tests.Compute;

/// <summary>Who uses the processor alone does not pay for the GPU.</summary>
public class LeanLoadTests
{
    [Fact]
    public void TheProcessorAloneLoadsNoGpuLibrary()
    {
        IReadOnlyList<string> loaded = LoadedAssemblies.Of(typeof(LeanLoadTests), nameof(RunOnProcessor));
        Assert.Contains("KBitQuant", loaded);
        Assert.DoesNotContain(LoadedAssemblies.GpuLibrary, loaded);
    }

    [Fact]
    public void ABenchmarkOfTheProcessorLoadsNone() => Assert.DoesNotContain(LoadedAssemblies.GpuLibrary, LoadedAssemblies.Of(typeof(LeanLoadTests), nameof(RunBenchmark)));

    [Fact]
    public void AGpuLoadsIt() => Assert.Contains(LoadedAssemblies.GpuLibrary, LoadedAssemblies.Of(typeof(LeanLoadTests), nameof(RunOnGpu)));

    private static void RunOnProcessor() => Run(CpuDevice.Default);

    private static void RunOnGpu()
    {
        using GpuDevice device = GpuDevice.OpenEmulated();
        Run(device);
    }

    private static void RunBenchmark()
    {
        using var device = new CpuBenchmarkDevice(threads: 1);
        MatMulResult result = Assert.Single(new MatMulBenchmark(device).Check(64, 64, new(DataTypeCatalog.Get("nf4")), [1], [new KernelPreference()]));
        Assert.Null(result.Failure);
    }

    private static void Run(ComputeDevice device)
    {
        QuantizedTensor tensor = BlockwiseQuantizer.Quantize<float>([1, 2, 3, 4], 2, 2, new QuantizationScheme(DataTypeCatalog.Get("nf4")));
        BlockwiseQuantizer.Dequantize<float>(tensor, new float[4]);
        using PreparedWeight weight = device.Prepare(tensor);
        weight.MatMul<float>([1, 1], 1, new float[2]);
        Assert.NotEmpty(device.KernelNames);
    }
}
