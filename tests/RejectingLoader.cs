using System.Reflection;
using ILGPU.Runtime.Cuda;
using KBitQuant.Compute.Gpu;
using KBitQuant.Compute.Gpu.Cuda;

namespace KBitQuant.Tests;

/// <summary>Stands for a driver that rejects kernels.</summary>
internal sealed class RejectingLoader(ICudaLoader? inner, Predicate<string> isRejected) : ICudaLoader
{
    /// <summary>What it says.</summary>
    public const string Reason = "ptxas fatal: an instruction is unknown";

    /// <summary>The kernels that were asked for.</summary>
    public HashSet<MethodInfo> Methods { get; } = [];

    /// <summary>The emulated GPU as one of an architecture of CUDA whose driver rejects every kernel.</summary>
    public static GpuDevice OpenEmulated(int architecture, out RejectingLoader loader)
    {
        GpuDevice device = GpuDevice.OpenEmulated();
        loader = new(null, _ => true);
        device.Cuda = new(device.Accelerator, new(architecture, MultiprocessorCount: 16, SharedBytes: 227 << 10), stream: 0, loader);
        return device;
    }

    /// <summary>A GPU of the machine, whose driver rejects some kernels by the names of their classes.</summary>
    public static GpuDevice Open(int index, Predicate<string> isRejected)
    {
        GpuDevice device = GpuDevice.Open(index);
        if (device.Accelerator is CudaAccelerator accelerator)
        {
            var gpu = CudaGpu.Of(accelerator);
            device.Cuda = new(accelerator, gpu, device.Cuda!.Stream, new RejectingLoader(new CudaLoader(accelerator, gpu), isRejected));
        }

        return device;
    }

    public CudaFunction Load(MethodInfo kernel, int groupSize, int groupsPerMultiprocessor)
    {
        Methods.Add(kernel);
        return isRejected(kernel.DeclaringType!.Name) ? throw new InvalidOperationException(Reason) : inner!.Load(kernel, groupSize, groupsPerMultiprocessor);
    }

    public void Dispose() => inner?.Dispose();
}
