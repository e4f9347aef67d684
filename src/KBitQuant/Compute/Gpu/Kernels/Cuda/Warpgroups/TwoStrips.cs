namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Warpgroups;

/// <summary>Two warpgroups.</summary>
internal readonly struct TwoStrips : IStrips
{
    public int Count => 2;
}
