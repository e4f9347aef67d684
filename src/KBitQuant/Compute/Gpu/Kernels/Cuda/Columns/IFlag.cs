namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Columns;

/// <summary>Something that is so or not, known to the compiler.</summary>
internal interface IFlag
{
    /// <summary>Whether it is so.</summary>
    bool IsSet { get; }
}
