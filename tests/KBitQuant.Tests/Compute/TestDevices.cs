using KBitQuant.Compute;
using KBitQuant.Compute.Cpu;
using KBitQuant.Compute.Gpu;
using KBitQuant.Quantization;

namespace KBitQuant.Tests.Compute;

/// <summary>Every device on which kernels are tested: the processor, the emulated GPU, and the GPUs of the machine.</summary>
internal static class TestDevices
{
    public const string Cpu = "cpu";
    public const string Emulated = "emulated";

    private static readonly Dictionary<string, Lazy<ComputeDevice>> ByName = new(
    [
        new(Cpu, new(CpuDevice.Default)),
        new(Emulated, new(GpuDevice.OpenEmulated)),
        .. GpuDevice.List().Select(info => new KeyValuePair<string, Lazy<ComputeDevice>>(info.ToString(), new(() => GpuDevice.Open(info.Index)))),
    ]);

    /// <summary>The names of all.</summary>
    public static IEnumerable<string> All => ByName.Keys;

    /// <summary>The names of the GPUs, the emulated one included.</summary>
    public static IEnumerable<string> Gpus => All.Where(name => name != Cpu);

    /// <summary>A device that the tests share.</summary>
    public static ComputeDevice Get(string name) => ByName[name].Value;

    /// <summary>The names of the kernels that a device runs.</summary>
    public static IEnumerable<string> KernelsOf(string name) => Get(name).KernelNames;

    /// <summary>Whether a kernel takes a weight, and how far it rounds table entries for inputs of a type.</summary>
    public static (bool IsTaken, double TableRoundoff) Describe(string device, string kernel, QuantizationScheme scheme, int rows, int columns, Type element)
    {
        if (device == Cpu)
            return (CpuKernels.All.Single(candidate => candidate.Name == kernel).ReasonToRefuse(scheme, rows, columns) is null, 0);
        GpuMatMulKernel gpuKernel = GpuKernels.All.Single(candidate => candidate.Name == kernel);
        return (gpuKernel.ReasonToRefuse(scheme, rows, columns) is null, gpuKernel.TableRoundoff(element));
    }
}
