using System.Diagnostics.CodeAnalysis;
using KBitQuant.Compute.Gpu.Cuda;

namespace KBitQuant.Compute.Gpu.Kernels.Platforms;

/// <summary>A kernel that is compiled for the platform of the device it runs on; where the driver rejects that, for the portable one.</summary>
/// <param name="name">What to call it among those that are rejected.</param>
/// <param name="portable">The kernel for <see cref="PortablePlatform"/>.</param>
/// <param name="cuda">The same for <see cref="CudaPlatform"/>.</param>
/// <param name="groupSize">Threads of a group on <see cref="CudaPlatform"/>; elsewhere a group has the device's number.</param>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal sealed class PlatformKernel<TArguments>(string name, Action<TArguments> portable, Action<TArguments> cuda, int groupSize)
    where TArguments : struct, IKernelArguments
{
    /// <summary>The kernel for every GPU.</summary>
    public Action<TArguments> Portable => portable;

    /// <summary>The kernel for CUDA.</summary>
    public Action<TArguments> Cuda => cuda;

    /// <summary>Threads of a group on a device; asked within a call.</summary>
    public int GroupSizeOn(GpuDevice device) => Find(device) is null ? device.GroupSize : groupSize;

    /// <summary>Puts the kernel into the device's stream, within a call.</summary>
    public void Launch(GpuDevice device, int groups, TArguments arguments)
    {
        if (Find(device) is not { } function)
        {
            device.Launch(portable, groups, arguments);
            return;
        }

        Span<byte> bytes = stackalloc byte[ArgumentWriter.MaxLength];
        bytes.Clear();
        var writer = new ArgumentWriter(bytes);
        arguments.Write(ref writer);
        function.LaunchPacked(device.Cuda!.Stream, new CudaGrid(groups, groupSize), bytes);
    }

    private CudaFunction? Find(GpuDevice device) => device.Cuda?.TryGet(name, cuda.Method, groupSize);
}
