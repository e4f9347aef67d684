namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Columns;

/// <summary>It is not so.</summary>
internal readonly struct No : IFlag
{
    public bool IsSet => false;
}
