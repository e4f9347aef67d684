namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Stationary;

/// <summary>The parameter of the kernels whose inputs stay in registers.</summary>
internal struct StationaryArguments
{
    /// <summary>The product.</summary>
    public DecodeArguments Product;

    /// <summary>The logarithm of <see cref="DecodeArguments.ClusterSize"/>.</summary>
    public int ClusterShift;

    /// <summary>Units of each cluster; of the first clusters, <see cref="RestUnits"/> of them, one more.</summary>
    public int ClusterUnits;

    /// <summary>Clusters that have one more.</summary>
    public int RestUnits;

    /// <summary>For <see cref="StationaryEven{TElement}"/>: what is subtracted.</summary>
    public float EvenOrigin;
}
