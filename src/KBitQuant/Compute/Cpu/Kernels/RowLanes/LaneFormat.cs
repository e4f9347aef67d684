namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>How the constants of <see cref="LaneConstants"/> lie in memory.</summary>
internal enum LaneFormat
{
    /// <summary>Floats.</summary>
    Single,

    /// <summary>Halfs, all finite.</summary>
    Half,

    /// <summary>BFloat16.</summary>
    BFloat16,

    /// <summary>Any other: to be decoded first.</summary>
    Other,
}
