using System.Diagnostics.CodeAnalysis;

namespace KBitQuant.Compute.Gpu;

/// <summary>A kernel of the GPU table. Beside weights, it may refuse devices.</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal abstract class GpuMatMulKernel : MatMulKernel<GpuDevice>
{
    /// <summary>Why the kernel does not run on a device, in a few words; null where it does. Asked once, within a call.</summary>
    /// <param name="device">The device.</param>
    public abstract string? ReasonToRefuse(GpuDevice device);

    /// <summary>The unit roundoff to which the kernel rounds table entries before it multiplies, by the type of the inputs: 0
    /// where it computes in float.</summary>
    /// <param name="element">Half, BFloat16 or float.</param>
    public virtual double TableRoundoff(Type element) => 0;
}
