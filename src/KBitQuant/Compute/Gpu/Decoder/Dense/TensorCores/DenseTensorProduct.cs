using System.Diagnostics.CodeAnalysis;
using KBitQuant.Compute.Gpu.Cuda;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Decoder.Dense.TensorCores;

/// <summary>Products with dense weights of 16 bits on tensor cores.</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal static class DenseTensorProduct
{
    /// <summary>Up to so many input rows the weight is read once for every 8.</summary>
    private const int FewRows = 16;

    /// <summary>Puts a product into the stream, within a call; false where the device or the shape does not allow it.</summary>
    /// <param name="cuda">The device's kernels.</param>
    /// <param name="isHalf">Whether the weight is of halves, otherwise of BFloat16.</param>
    /// <param name="arguments">The product.</param>
    public static bool TryRun(CudaKernels cuda, bool isHalf, DenseTensorArguments arguments) =>
        isHalf ? TryRun<HalfDenseWeight>(cuda, arguments) : TryRun<BFloat16DenseWeight>(cuda, arguments);

    private static bool TryRun<TWeight>(CudaKernels cuda, DenseTensorArguments arguments)
        where TWeight : struct, IDenseTensorWeight
    {
        (int m, int n) = (arguments.M, arguments.N);
        if (cuda.Architecture < PtxArchitecture.Ampere || arguments.K % DenseTensorArguments.Unit != 0)
            return false;
        if (m <= FewRows)
        {
            cuda.Get(DenseTensorVectorKernel<TWeight>.Method, DenseTensorVectorKernel<TWeight>.GroupSize)
                .Launch(cuda.Stream, DenseTensorVectorKernel<TWeight>.GridOf(m, n), arguments);
            return true;
        }

        if (n % DenseTensorArguments.Unit != 0 || cuda.SharedBytes < DenseTensorTileKernel<TWeight>.SharedBytes)
            return false;
        cuda.Get(DenseTensorTileKernel<TWeight>.Method, DenseTensorTileKernel<TWeight>.GroupSize)
            .Launch(cuda.Stream, DenseTensorTileKernel<TWeight>.GridOf(m, n), arguments);
        return true;
    }
}
