using KBitQuant.Quantization;
using KBitQuant.Threading;

namespace KBitQuant.Compute.Cpu;

/// <summary>The processor: always there, needs nothing but the runtime.</summary>
/// <remarks>A device and its weights may be disposed of in any order: with the device go its threads, and a weight that outlives it throws
/// <see cref="ObjectDisposedException"/> when it is used.</remarks>
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

    /// <summary>The device that uses every processor, shared by all; disposing of it does nothing.</summary>
    public static CpuDevice Default { get; } = new(Workers.Default);

    /// <inheritdoc/>
    public override string Name => Workers.Name;

    /// <inheritdoc/>
    public override IReadOnlyList<string> KernelNames { get; } = [.. CpuKernels.All.Select(kernel => kernel.Name)];

    internal override int? ThreadCount => Workers.ThreadCount;

    internal Workers Workers { get; }

    /// <inheritdoc/>
    public override PreparedWeight Prepare(QuantizedTensor weight, KernelPreference? preference = null)
    {
        ArgumentNullException.ThrowIfNull(weight);
        Workers.ThrowIfDisposed();
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
