using System.Diagnostics.CodeAnalysis;

namespace KBitQuant.Compute.Gpu.Decoder.Dense.TensorCores;

/// <summary>Products with dense weights of 16 bits on tensor cores.</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal static class DenseTensorProduct
{
    /// <summary>Up to so many input rows the weight is read once for every 8.</summary>
    private const int FewRows = 16;

    /// <summary>Puts a product into the stream, within a call; false where the device, its driver or the shape does not allow it.</summary>
    /// <param name="device">The device.</param>
    /// <param name="isHalf">Whether the weight is of halves, otherwise of BFloat16.</param>
    /// <param name="arguments">The product.</param>
    public static bool TryRun(GpuDevice device, bool isHalf, DenseTensorArguments arguments) =>
        isHalf ? TryRun<HalfDenseWeight>(device, arguments) : TryRun<BFloat16DenseWeight>(device, arguments);

    private static bool TryRun<TWeight>(GpuDevice device, DenseTensorArguments arguments)
        where TWeight : struct, IDenseTensorWeight =>
        arguments.K % DenseTensorArguments.Unit == 0 && (arguments.M <= FewRows
            ? DenseTensorVectorKernel<TWeight>.TryRun(device, arguments)
            : arguments.N % DenseTensorArguments.Unit == 0 && DenseTensorTileKernel<TWeight>.TryRun(device, arguments));
}
