using System.Diagnostics.CodeAnalysis;
using KBitQuant.Compute.Gpu.Cuda;
using KBitQuant.Compute.Gpu.Decoder.Panels;
using KBitQuant.Compute.Gpu.Decoder.Rotary;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Columns;
using KBitQuant.Compute.Gpu.Kernels.Platforms;
using Half = System.Half;

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
    /// <param name="device">The device.</param>
    /// <param name="heads">Heads and the cache; queries are turned, keys and values appended.</param>
    /// <param name="outputs">Receives [tokens, heads, head size].</param>
    public static bool TryRun(GpuDevice device, RotaryArguments heads, GpuTensor<Half> outputs)
    {
        var arguments = new FlashArguments
        {
            Step = CudaAddress.Of(heads.Step),
            Queries = CudaAddress.Of(heads.Rotated),
            CachedKeys = CudaAddress.Of(heads.CachedKeys),
            CachedValues = CudaAddress.Of(heads.CachedValues),
            Outputs = CudaAddress.Of(outputs.View),
            Tokens = heads.Tokens,
            KeyValueHeadCount = heads.KeyValueHeadCount,
            QueriesPerKey = heads.HeadCount / heads.KeyValueHeadCount,
            HeadSize = heads.HeadSize,
            Capacity = heads.Capacity,
        };
        if (arguments.RowCount < MinRows || arguments.HeadSize > FlashGroup.MaxHeadSize || arguments.HeadSize % Unit != 0)
            return false;
        CudaKernel<FlashArguments> kernel = arguments.HeadSize > TensorPanel.Columns ? FlashAttentionKernel<Yes>.Kernel : FlashAttentionKernel<No>.Kernel;
        // Groups of a column begin together and read different heads.
        return kernel.TryLaunch(device, (arguments.KeyValueHeadCount, ((arguments.RowCount - 1) / FlashGroup.Rows) + 1), arguments);
    }
}
