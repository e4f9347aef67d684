using KBitQuant.Compute.Gpu.Decoder.Panels;
using KBitQuant.Compute.Gpu.Kernels.Cuda;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Decoder.Dense.TensorCores;

/// <summary>Halves.</summary>
internal readonly struct HalfDenseWeight : IDenseTensorWeight
{
    public TensorSums AddProduct(TensorSums sums, Words4 inputs, TensorColumns weights) => sums.PlusProduct<HalfTensorElement>(inputs, weights);

    public Floats4 AddProduct(Floats4 sums, Words4 weights, Words2 inputs) => PtxTensorCore.MultiplyHalf(weights, inputs, sums);
}
