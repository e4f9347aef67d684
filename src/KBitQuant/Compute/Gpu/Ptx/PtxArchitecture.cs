namespace KBitQuant.Compute.Gpu.Ptx;

/// <summary>Architectures whose instructions kernels ask for, such as 90 for sm_90.</summary>
internal static class PtxArchitecture
{
    /// <summary>The first with asynchronous copies and BFloat16 on its tensor cores, and with the minima and conversions of the streaming
    /// kernels.</summary>
    public const int Ampere = 80;

    /// <summary>The first with clusters, and the one with warpgroups; those after it have other instructions for these.</summary>
    public const int Hopper = 90;
}
