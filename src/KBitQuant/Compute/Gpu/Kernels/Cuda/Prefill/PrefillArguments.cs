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

    /// <summary>The address of a 32-bit flag for each group: 1 from when its sums are in <see cref="Partials"/> until they have been
    /// read.</summary>
    public long Flags;
}
