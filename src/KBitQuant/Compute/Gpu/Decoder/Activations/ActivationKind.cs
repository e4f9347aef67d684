namespace KBitQuant.Compute.Gpu.Decoder.Activations;

/// <summary>A nonlinearity that the kernels know.</summary>
internal enum ActivationKind
{
    /// <summary>0.5 x (1 + erf(x / sqrt 2)).</summary>
    Gelu,

    /// <summary>Its approximation by tanh, of arXiv 1606.08415.</summary>
    GeluByTanh,

    /// <summary>x sigmoid(x).</summary>
    Silu,
}
