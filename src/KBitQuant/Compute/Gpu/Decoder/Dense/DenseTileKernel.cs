using System.Diagnostics.CodeAnalysis;
using KBitQuant.Compute.Gpu.Kernels;
using KBitQuant.Compute.Gpu.Kernels.Platforms;
using KBitQuant.Compute.Gpu.Kernels.Portable;

namespace KBitQuant.Compute.Gpu.Decoder.Dense;

/// <summary>y = x W^T (+ bias) for many input rows, by tiles of outputs (<see cref="TileProduct"/>).</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal static class DenseTileKernel<TStorage, TPortable, TCuda>
    where TStorage : unmanaged
    where TPortable : struct, IElement<TStorage>
    where TCuda : struct, IElement<TStorage>
{
    public static PlatformKernel<DenseArguments<TStorage>> Kernel { get; } =
        new("dense-tile", Run<TPortable, PortablePlatform>, Run<TCuda, CudaPlatform>, TileProduct.MaxGroupSize);

    private static void Run<TElement, TPlatform>(DenseArguments<TStorage> arguments)
        where TElement : struct, IElement<TStorage>
        where TPlatform : struct, IGpuPlatform
    {
        default(TPlatform).Begin();
        TileProduct.Run(new DenseTile<TStorage, TElement, TPlatform> { Arguments = arguments });
    }
}
