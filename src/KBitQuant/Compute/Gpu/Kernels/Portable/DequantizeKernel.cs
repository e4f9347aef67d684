using System.Diagnostics.CodeAnalysis;
using ILGPU;

namespace KBitQuant.Compute.Gpu.Kernels.Portable;

/// <summary>Canonical packing to values, in plain ILGPU. Each group takes a run of elements, its threads in turn.</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal static class DequantizeKernel
{
    /// <summary>Elements of a group, enough to outweigh its copy of the table.</summary>
    private const int ElementsPerGroup = 4096;

    /// <summary>Dequantizes from <see cref="Arguments{TStorage}.Start"/> on, within a call.</summary>
    public static void Run<TStorage, TElement>(GpuDevice device, Arguments<TStorage> arguments)
        where TStorage : unmanaged
        where TElement : struct, IElement<TStorage> =>
        device.Launch(Dequantize<TStorage, TElement>, ((arguments.Length - arguments.Start - 1) / ElementsPerGroup) + 1, arguments);

    private static void Dequantize<TStorage, TElement>(Arguments<TStorage> arguments)
        where TStorage : unmanaged
        where TElement : struct, IElement<TStorage>
    {
        ArrayView<float> table = arguments.Tensor.ShareTable();
        TElement element = default;
        int start = arguments.Start + (Grid.IdxX * ElementsPerGroup);
        int count = IntrinsicMath.Min(ElementsPerGroup, arguments.Length - start);
        for (int i = Group.IdxX; i < count; i += Group.DimX)
            arguments.Values[start + i] = element.Round(arguments.Tensor.Value(start + i, table));
    }

    /// <summary>The kernel's parameter.</summary>
    internal struct Arguments<TStorage>
        where TStorage : unmanaged
    {
        public CanonicalView Tensor;
        public ArrayView<TStorage> Values;
        public int Length;

        /// <summary>The first element to dequantize.</summary>
        public int Start;
    }
}
