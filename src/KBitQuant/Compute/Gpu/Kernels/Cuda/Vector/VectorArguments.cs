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

    /// <summary>1 / K.</summary>
    public float InverseColumns;

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

    /// <summary>From a slice of a warp to its next one, within a unit.</summary>
    public int SliceStep;

    /// <summary>Stages of a warp, 1 or 2 (<see cref="VectorStages"/>).</summary>
    public int Stages;
}
