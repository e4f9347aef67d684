namespace KBitQuant.Compute.Gpu.Kernels.Cuda;

/// <summary>Up to which batch the kernels that stream the weight through one group after the other
/// (<see cref="DecodeVariant"/>) are faster than those that share inputs among warps (<see cref="BatchVariant"/>), and from which on
/// those of warpgroups (<see cref="Prefill.PrefillVariant"/>) are, where there are any.</summary>
/// <param name="AlwaysUpTo">Input rows up to which the streaming kernels always are.</param>
/// <param name="ManyUpTo">And up to which they are for weights of many rows.</param>
/// <param name="UnitsPerMultiprocessor">What many rows are: units for each multiprocessor.</param>
/// <param name="PrefillFrom">Input rows from which on those of <see cref="WarpgroupKernel"/> are faster than all of these.</param>
internal readonly record struct Crossover(int AlwaysUpTo, int ManyUpTo, int UnitsPerMultiprocessor, int PrefillFrom)
{
    /// <summary>As measured on an H200; taken for all architectures.</summary>
    public static Crossover Measured { get; } = new(AlwaysUpTo: 1, ManyUpTo: 2, UnitsPerMultiprocessor: 8, PrefillFrom: 17);

    /// <summary>Whether the streaming kernels are faster.</summary>
    public bool IsDecode(int m, int units, int multiprocessors) =>
        m <= AlwaysUpTo || (m <= ManyUpTo && units >= UnitsPerMultiprocessor * multiprocessors);
}
