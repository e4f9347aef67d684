using System.Diagnostics.CodeAnalysis;
using ILGPU;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Streaming;
using KBitQuant.Compute.Gpu.Kernels.Portable;

namespace KBitQuant.Compute.Gpu.Kernels;

/// <summary>Quantizes and dequantizes: by the streaming kernels as far as they go, and from there on by the portable ones.</summary>
/// <typeparam name="TStorage">What holds an element in memory.</typeparam>
/// <typeparam name="TElement">The elements.</typeparam>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal static class DeviceQuantization<TStorage, TElement>
    where TStorage : unmanaged
    where TElement : struct, IElement<TStorage>
{
    /// <summary>Starts to quantize a tensor that is not empty, within a call.</summary>
    public static void Quantize(GpuDevice device, ArrayView<TStorage> source, GpuQuantizedTensor tensor)
    {
        tensor.ClearBadBlock();
        bool findsConstants = StreamKernels.FindsConstants(tensor);
        if (!findsConstants)
            FindConstants(device, source, tensor, 0);
        int done = StreamKernels.Quantize<TStorage, TElement>(device, source, tensor);
        if (done == tensor.Length)
            return;
        if (findsConstants)
            FindConstants(device, source, tensor, done / tensor.View.BlockSize);
        EncodeKernel.Run<TStorage, TElement>(
            device, new() { Source = source, Tensor = tensor.View, Search = tensor.Tables.Search, Length = tensor.Length, Start = done });
    }

    /// <summary>Starts to dequantize a tensor that is not empty, within a call.</summary>
    public static void Dequantize(GpuDevice device, GpuQuantizedTensor tensor, ArrayView<TStorage> values)
    {
        int done = StreamKernels.Dequantize<TStorage, TElement>(device, tensor, values);
        if (done < tensor.Length)
            DequantizeKernel.Run<TStorage, TElement>(device, new() { Tensor = tensor.View, Values = values, Length = tensor.Length, Start = done });
    }

    private static void FindConstants(GpuDevice device, ArrayView<TStorage> source, GpuQuantizedTensor tensor, int firstBlock) =>
        BlockConstantsKernel.Run<TStorage, TElement>(device, new()
        {
            Source = source,
            Constants = tensor.View.Constants,
            Offsets = tensor.View.Offsets,
            FirstBadBlock = tensor.FirstBadBlock,
            Length = tensor.Length,
            BlockSize = tensor.View.BlockSize,
            FirstBlock = firstBlock,
            Blocks = tensor.Scheme.BlockCount(tensor.Length),
            Offset = (int)tensor.Scheme.Offset,
        });
}
