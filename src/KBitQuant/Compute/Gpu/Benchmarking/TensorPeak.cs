using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using KBitQuant.Compute.Gpu.Kernels.Cuda;
using Half = System.Half;

namespace KBitQuant.Compute.Gpu.Benchmarking;

/// <summary>A kernel that does nothing but products of the tensor cores.</summary>
/// <param name="Kernel">The method; its parameter is <see cref="TensorPeakArguments"/>.</param>
/// <param name="GroupSize">Threads of a group.</param>
/// <param name="GroupsPerMultiprocessor">Groups that run at once on a multiprocessor.</param>
/// <param name="StepFlops">Operations of a group in a step.</param>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal sealed record TensorPeak(MethodInfo Kernel, int GroupSize, int GroupsPerMultiprocessor, double StepFlops)
{
    private const int MmaGroupSize = 256;

    /// <summary>The kernels for an element, one for each way to multiply: the fastest is the ceiling.</summary>
    /// <param name="element">Half or BFloat16.</param>
    public static IReadOnlyList<TensorPeak> For(Type element) =>
    [
        element == typeof(Half) ? Mma<HalfTensorElement>() : Mma<BFloat16TensorElement>(),
    ];

    private static TensorPeak Mma<TElement>()
        where TElement : struct, ITensorElement =>
        new(((Action<TensorPeakArguments>)TensorPeakKernel<TElement>.Run).Method, MmaGroupSize, 2, MmaGroupSize * TensorPeakKernel<TElement>.ThreadFlops);
}
