using ILGPU;
using ILGPU.Runtime;

namespace KBitQuant.Compute.Gpu.Cuda;

/// <summary>Addresses in the device's memory, as kernels written for CUDA take them.</summary>
internal static class CudaAddress
{
    /// <summary>Where a view begins.</summary>
    public static unsafe long Of<T>(ArrayView<T> view)
        where T : unmanaged => (long)view.LoadEffectiveAddressAsPtr();
}
