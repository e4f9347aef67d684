using KBitQuant.Compute.Gpu.Decoder.Panels;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Decoder.Dense.TensorCores;

/// <summary>The 16-bit elements of a dense weight, as tensor cores multiply them by halves.</summary>
internal interface IDenseTensorWeight
{
    /// <summary>Sums + inputs * weights.</summary>
    /// <param name="sums">16 input rows by 64 weight rows.</param>
    /// <param name="inputs">Halves.</param>
    /// <param name="weights">Elements.</param>
    TensorSums AddProduct(TensorSums sums, Words4 inputs, TensorColumns weights);

    /// <summary>Sums + weights * inputs.</summary>
    /// <param name="sums">16 weight rows by 8 input rows.</param>
    /// <param name="weights">Elements.</param>
    /// <param name="inputs">Halves.</param>
    Floats4 AddProduct(Floats4 sums, Words4 weights, Words2 inputs);
}
