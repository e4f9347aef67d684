namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Prefill;

/// <summary>The parameter of the kernels for large batches.</summary>
internal struct PrefillArguments
{
    /// <summary>What is multiplied.</summary>
    public DecodeArguments Product;

    /// <summary>The work.</summary>
    public PrefillSchedule Schedule;

    /// <summary>The address of memory for the sums of a tile for each group.</summary>
    public long Partials;

    /// <summary>The address of 32-bit flags, <see cref="PrefillExchange.MaxSharers"/> for each group: one is 1 from when the group's sums
    /// are in <see cref="Partials"/> until another one knows.</summary>
    public long Flags;
}
