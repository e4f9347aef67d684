namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Stationary;

/// <summary>The parameter of the kernels whose inputs stay in registers.</summary>
internal struct StationaryArguments
{
    /// <summary>The product.</summary>
    public DecodeArguments Product;

    /// <summary>The logarithm of <see cref="DecodeArguments.ClusterSize"/>.</summary>
    public int ClusterShift;

    /// <summary>What each cluster has of <see cref="StationaryVariant.UnitsAtOnce"/> units; the first clusters, <see cref="RestTurns"/> of them, have one more.</summary>
    public int ClusterTurns;

    /// <summary>Clusters that have one more.</summary>
    public int RestTurns;
}
