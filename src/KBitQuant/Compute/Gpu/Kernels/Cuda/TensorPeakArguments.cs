namespace KBitQuant.Compute.Gpu.Kernels.Cuda;

/// <summary>The parameter of <see cref="TensorPeakKernel{TElement}"/>.</summary>
internal struct TensorPeakArguments
{
    /// <summary>A thread's share of the operations of a step: a warp does eight products of 16 x 16 by 16 x 8.</summary>
    public const double ThreadFlops = 8 * 2.0 * 16 * 16 * 8 / 32;

    /// <summary>Where 2 bytes may be written.</summary>
    public long Address;

    /// <summary>Steps of each warp.</summary>
    public int Steps;
}
