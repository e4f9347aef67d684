using System.Diagnostics.CodeAnalysis;

namespace KBitQuant.Compute.Gpu;

/// <summary>A GPU that can be opened.</summary>
/// <param name="Index">Its place in <see cref="GpuDevice.List"/>, by which <see cref="GpuDevice.Open(int)"/> takes it.</param>
/// <param name="Name">Its name, such as <c>NVIDIA H200</c>.</param>
/// <param name="Backend">How it is reached: <c>Cuda</c> or <c>OpenCL</c>.</param>
/// <param name="MemoryBytes">The bytes of its memory.</param>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
public sealed record GpuDeviceInfo(int Index, string Name, string Backend, long MemoryBytes)
{
    /// <summary>Such as <c>0: NVIDIA H200 (Cuda, 139 GiB)</c>.</summary>
    public override string ToString() => $"{Index}: {Name} ({Backend}, {MemoryBytes >> 30} GiB)";
}
