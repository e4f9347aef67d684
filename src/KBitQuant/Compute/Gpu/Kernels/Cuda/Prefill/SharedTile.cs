namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Prefill;

/// <summary>A tile that some groups share, as one of them sees it.</summary>
internal struct SharedTile
{
    /// <summary>The first of the groups.</summary>
    public int FirstGroup;

    /// <summary>From one of the groups to the next.</summary>
    public int GroupStep;

    /// <summary>The place of this one among them.</summary>
    public int Share;

    /// <summary>Where in shared memory it keeps the sums of its columns.</summary>
    public uint Room;

    /// <summary>Its columns.</summary>
    public ColumnShare Own;
}
