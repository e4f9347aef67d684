namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Warpgroups;

/// <summary>Four warpgroups.</summary>
internal readonly struct FourStrips : IStrips
{
    public int Count => 4;
}
