using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using KBitQuant.Compute.Gpu.Kernels.Cuda;
using KBitQuant.Compute.Gpu.Kernels.Portable;

// ILGPU's emulation generates code, in an assembly of this name, that uses the kernels' parameters.
[assembly: InternalsVisibleTo("ILGPURuntime")]

namespace KBitQuant.Compute.Gpu;

/// <summary>The one ordered table of GPU kernels, fastest first, from which dispatch, tests and benchmarks take them.</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal static class GpuKernels
{
    /// <summary>Every kernel. To add one, write its file and add its line here.</summary>
    public static IReadOnlyList<GpuMatMulKernel> All { get; } =
    [
        new WarpgroupKernel(),
        new TensorCoreKernel(),
        new PortableKernel(),
    ];
}
