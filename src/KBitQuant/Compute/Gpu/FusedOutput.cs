using KBitQuant.Compute.Gpu.Cuda;
using KBitQuant.Compute.Gpu.Decoder.Activations;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Vector;
using Half = System.Half;

namespace KBitQuant.Compute.Gpu;

/// <summary>What becomes of the outputs of a product of one input row.</summary>
/// <param name="Address">Where they go.</param>
/// <param name="Kind">How.</param>
/// <param name="Activation">What is done to the gate, where there is one.</param>
internal readonly record struct FusedOutput(long Address, VectorOutputKind Kind, ActivationKind Activation = default)
{
    /// <summary>They are rounded to halves.</summary>
    public static FusedOutput To(GpuTensor<Half> y) => new(CudaAddress.Of(y.View), VectorOutputKind.Elements);

    /// <summary>They are stored as floats.</summary>
    public static FusedOutput To(GpuTensor<float> y) => new(CudaAddress.Of(y.View), VectorOutputKind.Singles);

    /// <summary>They are added to a residual stream.</summary>
    public static FusedOutput AddTo(GpuTensor<float> stream) => new(CudaAddress.Of(stream.View), VectorOutputKind.Added);

    /// <summary>Gate and up, in turn, become activation(gate) * up, rounded to halves.</summary>
    public static FusedOutput Gated(ActivationKind activation, GpuTensor<Half> y) => new(CudaAddress.Of(y.View), VectorOutputKind.Gated, activation);
}
