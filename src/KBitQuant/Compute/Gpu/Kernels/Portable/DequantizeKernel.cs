using System.Diagnostics.CodeAnalysis;
using ILGPU;
using KBitQuant.Quantization;

namespace KBitQuant.Compute.Gpu.Kernels.Portable;

/// <summary>Canonical packing to values, in plain ILGPU. Each group takes a run of elements, its threads in turn.</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal static class DequantizeKernel
{
    /// <summary>Elements of a group, enough to outweigh its copy of the table.</summary>
    private const int ElementsPerGroup = 4096;

    /// <summary>Dequantizes a tensor that is not empty, within a call.</summary>
    public static void Run<TStorage, TElement>(GpuDevice device, QuantizedTensor tensor, Span<TStorage> destination)
        where TStorage : unmanaged
        where TElement : struct, IElement<TStorage>
    {
        using var weight = new CanonicalWeight(device, tensor);
        using var values = new DeviceArray<TStorage>(device);
        var arguments = new Arguments<TStorage> { Weight = weight.View, Values = values.Reserve(tensor.Length), Length = tensor.Length };
        device.Launch(Dequantize<TStorage, TElement>, ((tensor.Length - 1) / ElementsPerGroup) + 1, arguments);
        values.Download(destination);
    }

    private static void Dequantize<TStorage, TElement>(Arguments<TStorage> arguments)
        where TStorage : unmanaged
        where TElement : struct, IElement<TStorage>
    {
        ArrayView<float> table = arguments.Weight.ShareTable();
        TElement element = default;
        int start = Grid.IdxX * ElementsPerGroup;
        int count = IntrinsicMath.Min(ElementsPerGroup, arguments.Length - start);
        for (int i = Group.IdxX; i < count; i += Group.DimX)
            arguments.Values[start + i] = element.Round(arguments.Weight.Value(start + i, table));
    }

    /// <summary>The kernel's parameter.</summary>
    internal struct Arguments<TStorage>
        where TStorage : unmanaged
    {
        public CanonicalView Weight;
        public ArrayView<TStorage> Values;
        public int Length;
    }
}
