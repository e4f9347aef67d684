using System.Runtime.InteropServices;

namespace KBitQuant.Compute.Gpu.Cuda;

/// <summary>The driver's <c>CUlaunchConfig</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct CudaLaunch
{
    public uint GridX;
    public uint GridY;
    public uint GridZ;
    public uint GroupX;
    public uint GroupY;
    public uint GroupZ;
    public uint SharedBytes;
    public nint Stream;
    public CudaLaunchAttribute* Attributes;
    public uint AttributeCount;
}
