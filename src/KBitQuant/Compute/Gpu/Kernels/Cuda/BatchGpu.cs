namespace KBitQuant.Compute.Gpu.Kernels.Cuda;

/// <summary>What a GPU has for batches.</summary>
/// <param name="Multiprocessors">The multiprocessors.</param>
/// <param name="SharedBytes">Shared memory of each, what it reserves for groups included.</param>
internal readonly record struct BatchGpu(int Multiprocessors, int SharedBytes)
{
    /// <summary>Bytes that are reserved for each group.</summary>
    public const int ReservedBytes = 1024;
}
