using KBitQuant.Compute;
using KBitQuant.Compute.Cpu;
using KBitQuant.Compute.Gpu;

namespace KBitQuant.Transformers.Models;

/// <summary>How a model is to be loaded.</summary>
public sealed record ModelOptions
{
    /// <summary>Which weights to quantize, and how; by default none.</summary>
    public QuantizationPlan Plan { get; init; } = QuantizationPlan.None;

    /// <summary>Where the model runs; by default on every processor. A model that outlives it throws
    /// <see cref="ObjectDisposedException"/> when it is used. On a <see cref="GpuDevice"/> all of it
    /// does; on a device of another kind quantized weights run there, and all else on the processor, by the threads of
    /// <see cref="CpuDevice.Default"/>.</summary>
    public ComputeDevice Device { get; init; } = CpuDevice.Default;

    /// <summary>Which kernels run quantized weights, and in which precision these may take their inputs; null leaves the choice to the
    /// device, among those that are exact.</summary>
    public KernelPreference? Preference { get; init; }
}
