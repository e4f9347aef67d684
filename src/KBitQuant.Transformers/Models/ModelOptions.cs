using KBitQuant.Compute;
using KBitQuant.Compute.Cpu;
using KBitQuant.Compute.Gpu;

namespace KBitQuant.Transformers.Models;

/// <summary>How a model is to be loaded.</summary>
public sealed record ModelOptions
{
    /// <summary>Which weights to quantize, and how; by default none.</summary>
    /// <exception cref="ArgumentNullException">It is null.</exception>
    public QuantizationPlan Plan { get; init => field = value ?? throw new ArgumentNullException(nameof(Plan)); } = QuantizationPlan.None;

    /// <summary>Where the model runs; by default on every processor. A model that outlives it throws
    /// <see cref="ObjectDisposedException"/> when it is used. On a <see cref="GpuDevice"/> all of it
    /// does; on a device of another kind quantized weights run there, and all else on the processor, by the threads of
    /// <see cref="CpuDevice.Default"/>.</summary>
    /// <exception cref="ArgumentNullException">It is null.</exception>
    public ComputeDevice Device { get; init => field = value ?? throw new ArgumentNullException(nameof(Device)); } = CpuDevice.Default;

    /// <summary>Which kernels run quantized weights, and in which precision these may take their inputs; null leaves the choice to the
    /// device, among those that are exact.</summary>
    public KernelPreference? Preference { get; init; }
}
