using KBitQuant.Compute.Gpu.Cuda;

namespace KBitQuant.Compute.Gpu;

/// <summary>What a product of one input row reads: halves, or a residual stream that it normalizes (RMSNorm).</summary>
/// <param name="Address">Where the halves begin, or the floats of the stream.</param>
/// <param name="NormWeight">Where the norm's weight begins, or 0.</param>
/// <param name="Epsilon">What is added to the mean square.</param>
internal readonly record struct FusedInput(long Address, long NormWeight = 0, float Epsilon = 0)
{
    /// <summary>Whether it is a stream.</summary>
    public bool IsNormalized => NormWeight != 0;

    /// <summary>Halves.</summary>
    public static FusedInput Of(GpuTensor<System.Half> x) => new(CudaAddress.Of(x.View));
}
