using KBitQuant.Compute;
using KBitQuant.Compute.Cpu;

namespace KBitQuant.Transformers.Models;

/// <summary>How a model is to be loaded.</summary>
public sealed record ModelOptions
{
    /// <summary>Which weights to quantize, and how; by default none.</summary>
    public QuantizationPlan Plan { get; init; } = QuantizationPlan.None;

    /// <summary>Where quantized weights run; by default on every processor. It must outlive the model. All other work is done on the
    /// processor: by this device's threads where it is a <see cref="CpuDevice"/>, else by those of
    /// <see cref="CpuDevice.Default"/>.</summary>
    public ComputeDevice Device { get; init; } = CpuDevice.Default;

    /// <summary>Which kernels run quantized weights, and in which precision these may take their inputs; null leaves the choice to the
    /// device, among those that are exact.</summary>
    public KernelPreference? Preference { get; init; }
}
