using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using KBitQuant.Compute.Gpu.Cuda;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Platforms;

/// <summary>A kernel written for CUDA alone, from architecture 80 on. Where there is none, a <see cref="PlatformKernel{TArguments}"/> does
/// its work.</summary>
/// <param name="name">What to call it among those that are rejected.</param>
/// <param name="run">The kernel.</param>
/// <param name="groupSize">Threads of a group.</param>
/// <param name="sharedBytes">Bytes of shared memory of a group.</param>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal sealed class CudaKernel<TArguments>(string name, Action<TArguments> run, int groupSize, int sharedBytes = 0)
    where TArguments : unmanaged
{
    /// <summary>The kernel.</summary>
    public MethodInfo Method => run.Method;

    /// <summary>Threads of a group.</summary>
    public int GroupSize => groupSize;

    /// <summary>Puts the kernel into the device's stream, within a call; false where the device or its driver does not take it.</summary>
    /// <param name="device">The device.</param>
    /// <param name="groups">Groups in both dimensions.</param>
    /// <param name="arguments">The parameter.</param>
    public bool TryLaunch(GpuDevice device, (int X, int Y) groups, TArguments arguments)
    {
        if (device.Cuda is not { Architecture: >= PtxArchitecture.Ampere } cuda || cuda.SharedBytes < sharedBytes
            || cuda.TryGet(name, run.Method, groupSize) is not { } function)
        {
            return false;
        }

        function.Launch(cuda.Stream, new CudaGrid(groups.X, groupSize, sharedBytes, groups.Y), arguments);
        return true;
    }
}
