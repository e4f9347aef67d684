namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Vector;

/// <summary>The parameter of <see cref="VectorKernel{TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement}"/>: the product,
/// and what a decoder does before and after it.</summary>
internal struct VectorArguments
{
    /// <summary>The product. Its inputs are floats where <see cref="IsNormalized"/> is 1; what its outputs are,
    /// <see cref="Output"/> says.</summary>
    public DecodeArguments Product;

    /// <summary>K floats, the scale of each column, where <see cref="IsNormalized"/> is 1.</summary>
    public long NormWeight;

    /// <summary>1 where the inputs are a residual stream, to be normalized (RMSNorm).</summary>
    public int IsNormalized;

    /// <summary>What is added to the mean square.</summary>
    public float Epsilon;

    /// <summary>A <see cref="VectorOutputKind"/>.</summary>
    public int Output;

    /// <summary>An <see cref="Decoder.Activations.ActivationKind"/>, for gated outputs.</summary>
    public int Activation;

    /// <summary>Units of each group; of the first groups, <see cref="RestUnits"/> of them, one more.</summary>
    public int GroupUnits;

    /// <summary>Groups that have one more.</summary>
    public int RestUnits;

    /// <summary>65536 / items, rounded up: a division of small numbers is a product and a shift.</summary>
    public int InverseItems;
}
