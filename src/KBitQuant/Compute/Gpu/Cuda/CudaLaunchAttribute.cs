using System.Runtime.InteropServices;

namespace KBitQuant.Compute.Gpu.Cuda;

/// <summary>The driver's <c>CUlaunchAttribute</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 72)]
internal struct CudaLaunchAttribute
{
    /// <summary>The identifier of programmatic stream serialization: the kernel may begin before the one before it ends.</summary>
    public const int OverlapPrevious = 6;

    [FieldOffset(0)]
    public int Identifier;

    [FieldOffset(8)]
    public int Value;
}
