using ILGPU.Runtime.Cuda;

namespace KBitQuant.Compute.Gpu.Cuda;

/// <summary>What kernels need to know of a GPU of CUDA.</summary>
/// <param name="Architecture">Such as 90.</param>
/// <param name="MultiprocessorCount">The multiprocessors.</param>
/// <param name="SharedBytes">The most bytes of shared memory that a group can have.</param>
internal readonly record struct CudaGpu(int Architecture, int MultiprocessorCount, int SharedBytes)
{
    /// <summary>Asks the driver.</summary>
    public static CudaGpu Of(CudaAccelerator accelerator)
    {
        CudaDriver.ThrowIfFailed(
            CudaDriver.GetDeviceAttribute(out int bytes, CudaDriver.MaxSharedMemoryPerGroup, accelerator.DeviceId), "tell the size of shared memory");
        return new((accelerator.Architecture.Major * 10) + accelerator.Architecture.Minor, accelerator.NumMultiprocessors, bytes);
    }
}
