namespace KBitQuant.Compute.Gpu.Kernels.Cuda;

/// <summary>Up to which batch the kernels that stream the weight through one group after the other
/// (<see cref="DecodeVariant"/>) are faster than those that share inputs among its warps (<see cref="BatchVariant"/>).</summary>
/// <param name="AlwaysUpTo">Input rows up to which they always are.</param>
/// <param name="InputBytes">Bytes of all inputs up to which they are for weights of few rows: L1 has to hold the inputs.</param>
/// <param name="UnitsPerMultiprocessor">What few rows are: units for each multiprocessor.</param>
/// <param name="WarpgroupsFrom">Input rows from which those of <see cref="WarpgroupKernel"/> are faster than both.</param>
internal readonly record struct Crossover(int AlwaysUpTo, int InputBytes, int UnitsPerMultiprocessor, int WarpgroupsFrom)
{
    /// <summary>As measured on an H200; taken for all architectures.</summary>
    public static Crossover Measured { get; } = new(AlwaysUpTo: 2, InputBytes: 64 << 10, UnitsPerMultiprocessor: 4, WarpgroupsFrom: 65);

    /// <summary>Whether the streaming kernels are faster.</summary>
    public bool IsDecode(int m, int columns, int units, int multiprocessors) =>
        m <= AlwaysUpTo
        || (m <= 8 && (long)m * columns * sizeof(ushort) <= InputBytes && units <= UnitsPerMultiprocessor * multiprocessors);
}
