using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using KBitQuant.Compute.Gpu.Cuda;
using KBitQuant.Compute.Gpu.Decoder.Panels;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Columns;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Decoder.Attention.Flash;

/// <summary>Attention of many query rows on tensor cores (<see cref="FlashAttentionKernel{TIsWide}"/>).</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal static class FlashAttention
{
    /// <summary>With fewer query rows of a key and value head <see cref="AttentionKernel"/> has more groups.</summary>
    private const int MinRows = 64;

    /// <summary>Elements that are copied, and written, together.</summary>
    private const int Unit = 8;

    /// <summary>Puts it into the stream, within a call; false where the device, its driver or the shape does not allow it.</summary>
    public static bool TryRun(CudaKernels cuda, FlashArguments arguments)
    {
        if (cuda.Architecture < PtxArchitecture.Ampere || arguments.RowCount < MinRows || arguments.HeadSize > FlashGroup.MaxHeadSize
            || arguments.HeadSize % Unit != 0 || cuda.SharedBytes < FlashGroup.SharedBytes)
        {
            return false;
        }

        MethodInfo method = arguments.HeadSize > TensorPanel.Columns ? FlashAttentionKernel<Yes>.Method : FlashAttentionKernel<No>.Method;
        if (cuda.TryGet("cuda-flash-attention", method, FlashGroup.Size) is not { } kernel)
            return false;
        // Groups of a column begin together and read different heads.
        var grid = new CudaGrid(arguments.KeyValueHeadCount, FlashGroup.Size, FlashGroup.SharedBytes, ((arguments.RowCount - 1) / FlashGroup.Rows) + 1);
        kernel.Launch(cuda.Stream, grid, arguments);
        return true;
    }
}
