namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Warpgroups;

/// <summary>Three warpgroups.</summary>
internal readonly struct ThreeStrips : IStrips
{
    public int Count => 3;
}
