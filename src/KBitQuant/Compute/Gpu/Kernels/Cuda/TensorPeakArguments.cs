namespace KBitQuant.Compute.Gpu.Kernels.Cuda;

/// <summary>The parameter of <see cref="TensorPeakKernel{TElement}"/>.</summary>
internal struct TensorPeakArguments
{
    /// <summary>Where 2 bytes may be written.</summary>
    public long Address;

    /// <summary>Steps of each warp.</summary>
    public int Steps;
}
