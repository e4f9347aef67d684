namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Columns;

/// <summary>It is so.</summary>
internal readonly struct Yes : IFlag
{
    public bool IsSet => true;
}
