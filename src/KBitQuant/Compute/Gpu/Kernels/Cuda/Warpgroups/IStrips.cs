namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Warpgroups;

/// <summary>How many warpgroups a part has, known to the compiler.</summary>
internal interface IStrips
{
    /// <summary>How many.</summary>
    int Count { get; }
}
