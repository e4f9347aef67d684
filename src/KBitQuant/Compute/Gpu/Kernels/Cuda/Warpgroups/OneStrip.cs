namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Warpgroups;

/// <summary>One warpgroup.</summary>
internal readonly struct OneStrip : IStrips
{
    public int Count => 1;
}
