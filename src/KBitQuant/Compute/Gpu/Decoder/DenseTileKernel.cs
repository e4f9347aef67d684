using System.Diagnostics.CodeAnalysis;
using ILGPU;
using KBitQuant.Compute.Gpu.Kernels;

namespace KBitQuant.Compute.Gpu.Decoder;

/// <summary>y = x W^T (+ bias) for many input rows: a group computes a tile of outputs, four by four in each thread, from slices of
/// columns of both operands in shared memory.</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal static class DenseTileKernel<TStorage, TPortable, TCuda>
    where TStorage : unmanaged
    where TPortable : struct, IElement<TStorage>
    where TCuda : struct, IElement<TStorage>
{
    private const int GroupSize = 256;

    /// <summary>Columns of a slice.</summary>
    private const int SliceColumns = 16;

    /// <summary>The longest side of a tile.</summary>
    private const int MaxSide = 4 * 16;

    public static PlatformKernel<DenseArguments<TStorage>> Kernel { get; } =
        new(Run<TPortable, PortablePlatform>, Run<TCuda, CudaPlatform>, GroupSize);

    /// <summary>How many groups of so many threads compute the product.</summary>
    public static int GroupCount(int m, int n, int groupSize)
    {
        int side = Side(groupSize);
        return (((m - 1) / side) + 1) * (((n - 1) / side) + 1);
    }

    /// <summary>The side of a group's square tile: four for each thread of the largest square of threads.</summary>
    private static int Side(int groupSize) => groupSize >= 256 ? 64 : groupSize >= 64 ? 32 : groupSize >= 16 ? 16 : groupSize >= 4 ? 8 : 4;

    private static void Run<TElement, TPlatform>(DenseArguments<TStorage> arguments)
        where TElement : struct, IElement<TStorage>
        where TPlatform : struct, IGpuPlatform
    {
        default(TPlatform).Begin();
        ArrayView<float> weights = SharedMemory.Allocate<float>(SliceColumns * MaxSide);
        ArrayView<float> inputs = SharedMemory.Allocate<float>(SliceColumns * MaxSide);
        int side = Side(Group.DimX);
        int threads = side / RowValues.Count;
        int tilesOfN = ((arguments.N - 1) / side) + 1;
        int firstN = Grid.IdxX % tilesOfN * side;
        int firstM = Grid.IdxX / tilesOfN * side;
        // Threads beyond the square repeat its last row and write nothing.
        int ownM = IntrinsicMath.Min(Group.IdxX / threads, threads - 1);
        int ownN = Group.IdxX % threads;
        RowValues sum0 = default;
        RowValues sum1 = default;
        RowValues sum2 = default;
        RowValues sum3 = default;
        for (int slice = 0; slice < arguments.K; slice += SliceColumns)
        {
            LoadSlice<TElement, TPlatform>(arguments, slice, side, firstM, firstN, inputs, weights);
            for (int column = 0; column < SliceColumns; column++)
            {
                // Threads that follow one another read values that do.
                RowValues weight = RowValues.Load(weights, (column * side) + ownN, threads);
                RowValues input = RowValues.Load(inputs, (column * side) + ownM, threads);
                sum0 = sum0.PlusProduct(weight, input.Row0);
                sum1 = sum1.PlusProduct(weight, input.Row1);
                sum2 = sum2.PlusProduct(weight, input.Row2);
                sum3 = sum3.PlusProduct(weight, input.Row3);
            }

            Group.Barrier();
        }

        if (Group.IdxX >= threads * threads)
            return;
        Write<TPlatform>(arguments, firstM + ownM, firstN + ownN, threads, sum0);
        Write<TPlatform>(arguments, firstM + ownM + threads, firstN + ownN, threads, sum1);
        Write<TPlatform>(arguments, firstM + ownM + (2 * threads), firstN + ownN, threads, sum2);
        Write<TPlatform>(arguments, firstM + ownM + (3 * threads), firstN + ownN, threads, sum3);
    }

    /// <summary>Brings some columns of both operands to shared memory, [column, row]; zeros beyond either.</summary>
    private static void LoadSlice<TElement, TPlatform>(
        DenseArguments<TStorage> arguments, int slice, int side, int firstM, int firstN, ArrayView<float> inputs, ArrayView<float> weights)
        where TElement : struct, IElement<TStorage>
        where TPlatform : struct, IGpuPlatform
    {
        for (int i = Group.IdxX; i < side * SliceColumns; i += Group.DimX)
        {
            int row = i / SliceColumns;
            int column = slice + (i % SliceColumns);
            int at = (i % SliceColumns * side) + row;
            bool isInK = column < arguments.K;
            weights[at] = isInK && firstN + row < arguments.N
                ? default(TElement).Widen(arguments.Weight[((long)(firstN + row) * arguments.K) + column]) : 0;
            inputs[at] = isInK && firstM + row < arguments.M
                ? default(TPlatform).Widen(arguments.X[((long)(firstM + row) * arguments.K) + column]) : 0;
        }

        Group.Barrier();
    }

    private static void Write<TPlatform>(DenseArguments<TStorage> arguments, int m, int n, int stride, RowValues sum)
        where TPlatform : struct, IGpuPlatform
    {
        if (m >= arguments.M)
            return;
        if (n < arguments.N)
            arguments.Write<TPlatform>(m, n, sum.Row0);
        if (n + stride < arguments.N)
            arguments.Write<TPlatform>(m, n + stride, sum.Row1);
        if (n + (2 * stride) < arguments.N)
            arguments.Write<TPlatform>(m, n + (2 * stride), sum.Row2);
        if (n + (3 * stride) < arguments.N)
            arguments.Write<TPlatform>(m, n + (3 * stride), sum.Row3);
    }
}
