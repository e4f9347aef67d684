using KBitQuant.Quantization;

namespace KBitQuant.Compute;

/// <summary>Something that multiplies 16- or 32-bit inputs by quantized weights: the CPU, or a GPU.</summary>
/// <remarks>For kernels of your own, derive a device that prepares what they take as a <see cref="PreparedWeight"/> of your own, and leaves
/// the rest to another device.</remarks>
public abstract class ComputeDevice : IDisposable
{
    /// <summary>The environment variable that forces the kernel of this name wherever a preference names none.</summary>
    public const string KernelVariable = "KBITQUANT_KERNEL";

    /// <summary>The device's name, for people.</summary>
    public abstract string Name { get; }

    /// <summary>Threads of the processor that work on one product; null on other devices.</summary>
    internal virtual int? ThreadCount => null;

    /// <summary>The version of the driver's interface; null where there is no driver, or it does not say.</summary>
    internal virtual string? DriverVersion => null;

    /// <summary>The names of the device's kernels, fastest first.</summary>
    public abstract IReadOnlyList<string> KernelNames { get; }

    /// <summary>Brings a weight into the layout of the fastest kernel that takes it.</summary>
    /// <param name="weight">The weight W, [N, K].</param>
    /// <param name="preference">Which kernel to use; null leaves the choice to the device.</param>
    /// <returns>The weight on the device; dispose of it when done.</returns>
    /// <exception cref="NotSupportedException">The kernel asked for does not take the weight, or there is none of that name.</exception>
    /// <exception cref="ObjectDisposedException">The device is disposed of.</exception>
    public abstract PreparedWeight Prepare(QuantizedTensor weight, KernelPreference? preference = null);

    /// <summary>The name.</summary>
    public override string ToString() => Name;

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Gives back what the device holds.</summary>
    /// <param name="disposing">Whether called by <see cref="Dispose()"/>.</param>
    protected virtual void Dispose(bool disposing)
    {
    }
}
