using KBitQuant.Quantization;
using KBitQuant.Threading;

namespace KBitQuant.Compute.Cpu;

/// <summary>The processor: always there, needs nothing but the runtime. One that is disposed of has no threads, and works, as what it
/// prepared does, on its callers' alone.</summary>
public sealed class CpuDevice : ComputeDevice
{
    /// <summary>The most threads of a device.</summary>
    public const int MaxThreadCount = Workers.MaxThreadCount;

    /// <summary>A device with threads of its own.</summary>
    /// <param name="threadCount">Threads that work on one product, the caller's included; 1 to <see cref="MaxThreadCount"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer or more.</exception>
    public CpuDevice(int threadCount)
        : this(new Workers(threadCount))
    {
    }

    private CpuDevice(Workers workers) => Workers = workers;

    /// <summary>The device that uses every processor; do not dispose of it.</summary>
    public static CpuDevice Default { get; } = new(Workers.Default);

    /// <inheritdoc/>
    public override string Name => $"CPU, {Workers}";

    /// <inheritdoc/>
    public override IReadOnlyList<string> KernelNames { get; } = [.. CpuKernels.All.Select(kernel => kernel.Name)];

    internal Workers Workers { get; }

    /// <inheritdoc/>
    public override PreparedWeight Prepare(QuantizedTensor weight, KernelPreference? preference = null)
    {
        ArgumentNullException.ThrowIfNull(weight);
        return CpuKernels.Choose(weight, preference).Prepare(this, weight);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && Workers != Workers.Default)
            Workers.Dispose();
        base.Dispose(disposing);
    }
}
