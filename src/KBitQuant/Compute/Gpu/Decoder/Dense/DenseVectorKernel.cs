using System.Diagnostics.CodeAnalysis;
using ILGPU;
using KBitQuant.Compute.Gpu.Kernels;
using KBitQuant.Compute.Gpu.Kernels.Platforms;

namespace KBitQuant.Compute.Gpu.Decoder.Dense;

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
        new("dense-vector", Run<TPortable, PortablePlatform>, Run<TCuda, CudaPlatform>, GroupSize);

    /// <summary>How many groups compute the product.</summary>
    public static int GroupCount(int m, int n) => (((n - 1) / RowValues.Count) + 1) * m;

    private static void Run<TElement, TPlatform>(DenseArguments<TStorage> arguments)
        where TElement : struct, IElement<TStorage>
        where TPlatform : struct, IGpuPlatform
    {
        TPlatform platform = default;
        platform.Begin();
        int k = arguments.K;
        int rowGroups = ((arguments.N - 1) / RowValues.Count) + 1;
        int n = Grid.IdxX % rowGroups * RowValues.Count;
        int m = Grid.IdxX / rowGroups;
        int last = arguments.N - 1;
        // Views of rows, so that kernels index with 32 bits. Rows past the last one repeat it and are not written.
        ArrayView<ushort> input = arguments.X.SubView((long)m * k, k);
        ArrayView<TStorage> row0 = arguments.Weight.SubView((long)n * k, k);
        ArrayView<TStorage> row1 = arguments.Weight.SubView((long)IntrinsicMath.Min(n + 1, last) * k, k);
        ArrayView<TStorage> row2 = arguments.Weight.SubView((long)IntrinsicMath.Min(n + 2, last) * k, k);
        ArrayView<TStorage> row3 = arguments.Weight.SubView((long)IntrinsicMath.Min(n + 3, last) * k, k);
        RowValues sum = default;
        // Two columns at a time: more of the weight is then on its way.
        for (int i = Group.IdxX; i < k; i += 2 * Group.DimX)
        {
            int next = IntrinsicMath.Min(i + Group.DimX, k - 1);
            TStorage first0 = row0[i];
            TStorage first1 = row1[i];
            TStorage first2 = row2[i];
            TStorage first3 = row3[i];
            TStorage second0 = row0[next];
            TStorage second1 = row1[next];
            TStorage second2 = row2[next];
            TStorage second3 = row3[next];
            float x0 = platform.Widen(input[i]);
            float x1 = i + Group.DimX < k ? platform.Widen(input[next]) : 0;
            sum = sum.PlusProduct(Widen<TElement>(first0, first1, first2, first3), x0);
            sum = sum.PlusProduct(Widen<TElement>(second0, second1, second2, second3), x1);
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

    private static RowValues Widen<TElement>(TStorage row0, TStorage row1, TStorage row2, TStorage row3)
        where TElement : struct, IElement<TStorage>
    {
        TElement element = default;
        return new() { Row0 = element.Widen(row0), Row1 = element.Widen(row1), Row2 = element.Widen(row2), Row3 = element.Widen(row3) };
    }
}
