using System.Diagnostics.CodeAnalysis;
using KBitQuant.Compute.Gpu.Cuda;

namespace KBitQuant.Compute.Gpu.Kernels.Platforms;

/// <summary>A kernel that is compiled for the platform of the device it runs on.</summary>
/// <param name="portable">The kernel for <see cref="PortablePlatform"/>.</param>
/// <param name="cuda">The same for <see cref="CudaPlatform"/>.</param>
/// <param name="groupSize">Threads of a group on <see cref="CudaPlatform"/>; elsewhere a group has the device's number.</param>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal sealed class PlatformKernel<TArguments>(Action<TArguments> portable, Action<TArguments> cuda, int groupSize)
    where TArguments : struct, IKernelArguments
{
    /// <summary>The kernel for CUDA.</summary>
    public Action<TArguments> Cuda => cuda;

    /// <summary>Threads of a group on a device.</summary>
    public int GroupSizeOn(GpuDevice device) => device.Cuda is null ? device.GroupSize : groupSize;

    /// <summary>Puts the kernel into the device's stream, within a call.</summary>
    public void Launch(GpuDevice device, int groups, TArguments arguments)
    {
        if (device.Cuda is { } kernels)
            LaunchCuda(kernels, groups, arguments);
        else
            device.Launch(portable, groups, arguments);
    }

    private void LaunchCuda(CudaKernels kernels, int groups, TArguments arguments)
    {
        Span<byte> bytes = stackalloc byte[ArgumentWriter.MaxLength];
        bytes.Clear();
        var writer = new ArgumentWriter(bytes);
        arguments.Write(ref writer);
        kernels.Get(cuda.Method, groupSize).LaunchPacked(kernels.Stream, new CudaGrid(groups, groupSize), bytes);
    }
}
