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

    /// <summary>Puts a product into the stream, within a call; false where the device, its driver or the shape does not allow it.</summary>
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
            CudaFunction? vector = cuda.TryGet("cuda-dense-vector", DenseTensorVectorKernel<TWeight>.Method, DenseTensorVectorKernel<TWeight>.GroupSize);
            vector?.Launch(cuda.Stream, DenseTensorVectorKernel<TWeight>.GridOf(m, n), arguments);
            return vector is not null;
        }

        if (n % DenseTensorArguments.Unit != 0 || cuda.SharedBytes < DenseTensorTileKernel<TWeight>.SharedBytes)
            return false;
        CudaFunction? tile = cuda.TryGet("cuda-dense-tile", DenseTensorTileKernel<TWeight>.Method, DenseTensorTileKernel<TWeight>.GroupSize);
        tile?.Launch(cuda.Stream, DenseTensorTileKernel<TWeight>.GridOf(m, n), arguments);
        return tile is not null;
    }
}
