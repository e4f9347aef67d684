using KBitQuant.Quantization;

namespace KBitQuant.Compute;

/// <summary>One way to compute y = x W^T on a device: what it accepts, and how it prepares a weight.</summary>
/// <typeparam name="TDevice">The device.</typeparam>
internal abstract class MatMulKernel<TDevice>
    where TDevice : ComputeDevice
{
    /// <summary>The name, by which it can be forced.</summary>
    public abstract string Name { get; }

    /// <summary>The precision in which it takes its inputs.</summary>
    public virtual ActivationPrecision Activations => ActivationPrecision.Exact;

    /// <summary>Why the kernel does not take such a weight, in a few words; null where it does.</summary>
    /// <param name="scheme">The weight's scheme; a per-tensor data type is fitted.</param>
    /// <param name="rows">N.</param>
    /// <param name="columns">K.</param>
    public abstract string? ReasonToRefuse(QuantizationScheme scheme, int rows, int columns);

    /// <summary>Brings a weight that the kernel takes into its layout.</summary>
    /// <param name="device">The device.</param>
    /// <param name="weight">The weight.</param>
    public abstract PreparedWeight Prepare(TDevice device, QuantizedTensor weight);

    /// <summary>The first kernel of an ordered table that takes the weight, or the one asked for by name.</summary>
    /// <exception cref="NotSupportedException">No kernel takes it: the message has each one's reason.</exception>
    internal static MatMulKernel<TDevice> Choose(IReadOnlyList<MatMulKernel<TDevice>> table, QuantizedTensor weight, KernelPreference? preference)
    {
        string? wanted = preference?.KernelName ?? Environment.GetEnvironmentVariable(ComputeDevice.KernelVariable);
        IEnumerable<MatMulKernel<TDevice>> candidates = table.Where(kernel => string.IsNullOrEmpty(wanted)
            ? kernel.Activations <= (preference?.Activations ?? ActivationPrecision.Exact)
            : kernel.Name == wanted);
        var refusals = new List<string>();
        foreach (MatMulKernel<TDevice> kernel in candidates)
        {
            string? reason = kernel.ReasonToRefuse(weight.Scheme, weight.Rows, weight.Columns);
            if (reason is null)
                return kernel;
            refusals.Add($"{kernel.Name}: {reason}");
        }

        throw new NotSupportedException(refusals.Count == 0
            ? UnknownKernel.Message(wanted, preference?.KernelName is null ? $" (of the environment variable {ComputeDevice.KernelVariable})" : "", table.Select(kernel => kernel.Name))
            : $"No kernel takes {weight}. {string.Join("; ", refusals)}.");
    }
}
