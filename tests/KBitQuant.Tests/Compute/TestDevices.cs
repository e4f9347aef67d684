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

    /// <summary>Names of kernels, separated by commas, to test no others: on a GPU, compiling all variants of all takes minutes.</summary>
    private const string KernelsVariable = "KBITQUANT_TEST_KERNELS";

    private static readonly Dictionary<string, Lazy<ComputeDevice>> ByName = new(
    [
        new(Cpu, new(CpuDevice.Default)),
        new(Emulated, new(GpuDevice.OpenEmulated)),
        .. GpuDevice.List().Select(info => new KeyValuePair<string, Lazy<ComputeDevice>>(info.ToString(), new(() => GpuDevice.Open(info.Index)))),
    ]);

    /// <summary>The names of all; in a child of the instruction-set matrix, the processor alone.</summary>
    public static IEnumerable<string> All => IsaMatrixTests.IsChild ? [Cpu] : ByName.Keys;

    /// <summary>The names of the GPUs, the emulated one included.</summary>
    public static IEnumerable<string> Gpus => All.Where(name => name != Cpu);

    /// <summary>A device that the tests share.</summary>
    public static ComputeDevice Get(string name) => ByName[name].Value;

    /// <summary>The names of the kernels that a device runs.</summary>
    public static IEnumerable<string> KernelsOf(string name) => Environment.GetEnvironmentVariable(KernelsVariable) is { Length: > 0 } wanted
        ? Get(name).KernelNames.Intersect(wanted.Split(','))
        : Get(name).KernelNames;

    /// <summary>How far a kernel rounds table entries for inputs of a type.</summary>
    public static double TableRoundoff(string name, string kernel, Type element) =>
        name == Cpu ? 0 : GpuKernels.All.First(candidate => candidate.Name == kernel).TableRoundoff(element);

    /// <summary>The precision in which a kernel takes its inputs.</summary>
    public static ActivationPrecision ActivationsOf(string name, string kernel) => name == Cpu
        ? CpuKernels.All.First(candidate => candidate.Name == kernel).Activations
        : GpuKernels.All.First(candidate => candidate.Name == kernel).Activations;

    /// <summary>Why a kernel refuses such a weight, or null.</summary>
    public static string? ReasonToRefuse(string name, string kernel, QuantizationScheme scheme, int rows, int columns) => name == Cpu
        ? CpuKernels.All.First(candidate => candidate.Name == kernel).ReasonToRefuse(scheme, rows, columns)
        : GpuKernels.All.First(candidate => candidate.Name == kernel).ReasonToRefuse(scheme, rows, columns);
}
