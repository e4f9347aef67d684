namespace KBitQuant.Compute.Gpu.Cuda;

/// <summary>How a kernel is launched.</summary>
/// <param name="X">Groups in the first dimension, a multiple of <paramref name="ClusterSize"/>.</param>
/// <param name="GroupSize">Threads of a group in the first dimension.</param>
/// <param name="SharedBytes">Bytes of shared memory of a group.</param>
/// <param name="Y">Groups in the second dimension.</param>
/// <param name="ClusterSize">Groups of a cluster.</param>
/// <param name="GroupY">Threads of a group in the second dimension.</param>
internal readonly record struct CudaGrid(int X, int GroupSize, int SharedBytes = 0, int Y = 1, int ClusterSize = 1, int GroupY = 1);
