namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Vector;

/// <summary>What becomes of the outputs of a product of one input row.</summary>
internal enum VectorOutputKind
{
    /// <summary>They are rounded to elements.</summary>
    Elements,

    /// <summary>They are stored as floats.</summary>
    Singles,

    /// <summary>They are added to floats.</summary>
    Added,

    /// <summary>Of each two, activation(first) * second is rounded to an element: gate and up in turn.</summary>
    Gated,
}
