using System.Runtime.InteropServices;

namespace KBitQuant.Compute.Gpu.Cuda;

/// <summary>The driver's <c>CUlaunchAttribute</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 72)]
internal struct CudaLaunchAttribute
{
    /// <summary>The identifier of programmatic stream serialization: the kernel may begin before the one before it ends.</summary>
    public const int OverlapPrevious = 6;

    /// <summary>The identifier of the size of clusters: groups that run at the same time and read each other's shared memory.</summary>
    public const int ClusterSize = 4;

    [FieldOffset(0)]
    public int Identifier;

    [FieldOffset(8)]
    public int Value;

    [FieldOffset(12)]
    public int ValueY;

    [FieldOffset(16)]
    public int ValueZ;
}
