using System.Diagnostics.CodeAnalysis;
using ILGPU;
using KBitQuant.Compute.Gpu.Kernels;

namespace KBitQuant.Compute.Gpu.Decoder;

/// <summary>y = x W^T (+ bias) for few input rows: a group for each of them and four weight rows, which are read once; threads take the
/// columns in turn, and their sums are added in a fixed order.</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal static class DenseVectorKernel<TStorage, TPortable, TCuda>
    where TStorage : unmanaged
    where TPortable : struct, IElement<TStorage>
    where TCuda : struct, IElement<TStorage>
{
    private const int GroupSize = 128;

    public static PlatformKernel<DenseArguments<TStorage>> Kernel { get; } =
        new(Run<TPortable, PortablePlatform>, Run<TCuda, CudaPlatform>, GroupSize);

    /// <summary>How many groups compute the product.</summary>
    public static int GroupCount(int m, int n) => (((n - 1) / RowValues.Count) + 1) * m;

    private static void Run<TElement, TPlatform>(DenseArguments<TStorage> arguments)
        where TElement : struct, IElement<TStorage>
        where TPlatform : struct, IGpuPlatform
    {
        TElement element = default;
        TPlatform platform = default;
        platform.Begin();
        int k = arguments.K;
        int rowGroups = ((arguments.N - 1) / RowValues.Count) + 1;
        int n = Grid.IdxX % rowGroups * RowValues.Count;
        int m = Grid.IdxX / rowGroups;
        int last = arguments.N - 1;
        long input = (long)m * k;
        // Rows past the last one repeat it and are not written.
        long row0 = (long)n * k;
        long row1 = (long)IntrinsicMath.Min(n + 1, last) * k;
        long row2 = (long)IntrinsicMath.Min(n + 2, last) * k;
        long row3 = (long)IntrinsicMath.Min(n + 3, last) * k;
        RowValues sum = default;
        for (int i = Group.IdxX; i < k; i += Group.DimX)
        {
            var weight = new RowValues
            {
                Row0 = element.Widen(arguments.Weight[row0 + i]),
                Row1 = element.Widen(arguments.Weight[row1 + i]),
                Row2 = element.Widen(arguments.Weight[row2 + i]),
                Row3 = element.Widen(arguments.Weight[row3 + i]),
            };
            sum = sum.PlusProduct(weight, platform.Widen(arguments.X[input + i]));
        }

        ArrayView<float> sums = SharedMemory.Allocate<float>(GroupSize * RowValues.Count);
        sum.Store(sums, Group.IdxX * RowValues.Count, 1);
        for (int half = Group.DimX / 2 * RowValues.Count; half >= RowValues.Count; half /= 2)
        {
            Group.Barrier();
            for (int i = Group.IdxX; i < half; i += Group.DimX)
                sums[i] += sums[i + half];
        }

        Group.Barrier();
        for (int row = Group.IdxX; row < RowValues.Count && n + row <= last; row += Group.DimX)
            arguments.Write<TPlatform>(m, n + row, sums[row]);
    }
}
