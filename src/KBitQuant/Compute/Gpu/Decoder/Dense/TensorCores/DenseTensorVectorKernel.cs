using System.Diagnostics.CodeAnalysis;
using ILGPU;
using KBitQuant.Compute.Gpu.Kernels.Platforms;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Decoder.Dense.TensorCores;

/// <summary>
/// y = x W^T (+ bias) for few input rows, by tensor cores. A group has 16 weight rows, which it reads once for 8 input rows; its warps take
/// 128 columns in turn, and their sums are added in a fixed order. Lane 4g + t has 8 columns at a time of weight rows g and g + 8, and of
/// input row g: two products, with the order of columns that this gives.
/// </summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal static class DenseTensorVectorKernel<TWeight>
    where TWeight : struct, IDenseTensorWeight
{
    private const int GroupSize = 256;
    private const int WeightRows = 16;
    private const int InputRows = 8;
    private const int Warps = GroupSize / 32;
    private const int WarpSums = WeightRows * InputRows;

    public static CudaKernel<DenseTensorArguments> Kernel { get; } = new("cuda-dense-vector", Run, GroupSize, Warps * WarpSums * sizeof(float));

    /// <summary>Puts it into the stream, within a call; false where the device or its driver does not take it.</summary>
    public static bool TryRun(GpuDevice device, DenseTensorArguments arguments) =>
        Kernel.TryLaunch(device, (((arguments.N - 1) / WeightRows) + 1, ((arguments.M - 1) / InputRows) + 1), arguments);

    private static void Run(DenseTensorArguments arguments)
    {
        int lane = Group.IdxX & 31;
        int warp = Group.IdxX >> 5;
        int firstM = Grid.IdxY * InputRows;
        int firstN = Grid.IdxX * WeightRows;
        int k = arguments.K;
        // Weight rows past the last one repeat it and are not written.
        long upper = arguments.Weight + ((long)IntrinsicMath.Min(firstN + (lane >> 2), arguments.N - 1) * k * sizeof(ushort));
        long lower = arguments.Weight + ((long)IntrinsicMath.Min(firstN + (lane >> 2) + 8, arguments.N - 1) * k * sizeof(ushort));
        int inputRow = firstM + (lane >> 2);
        long input = arguments.X + ((long)inputRow * k * sizeof(ushort));
        int inputColumns = inputRow < arguments.M ? k : 0;
        int laneColumn = (lane & 3) * DenseQuads.LaneColumns;
        int warpColumn = warp * DenseQuads.WarpColumns;
        PtxGrid.LetNextBegin();
        DenseQuads next = DenseQuads.Load(upper, lower, warpColumn + laneColumn, k);
        // Up to here the weight alone was read, which no kernel writes.
        PtxGrid.WaitForPrevious();
        Floats4 sums = default;
        for (; warpColumn < k; warpColumn += Warps * DenseQuads.WarpColumns)
        {
            DenseQuads current = next;
            next = DenseQuads.Load(upper, lower, warpColumn + laneColumn + (Warps * DenseQuads.WarpColumns), k);
            sums = current.AddProducts<TWeight>(sums, input, warpColumn + laneColumn, inputColumns);
        }

        AddWarps(arguments, sums, firstM, firstN);
    }

    /// <summary>Adds the sums of all warps and writes them; shared memory has those of a warp [input row][weight row].</summary>
    private static void AddWarps(DenseTensorArguments arguments, Floats4 sums, int firstM, int firstN)
    {
        int thread = Group.IdxX;
        int lane = thread & 31;
        uint shared = PtxMemory.DynamicShared();
        uint own = shared + (uint)((((thread >> 5) * WarpSums) + ((lane & 3) * 2 * WeightRows) + (lane >> 2)) * sizeof(float));
        PtxMemory.StoreSharedFloat(own, sums.X);
        PtxMemory.StoreSharedFloat(own + (WeightRows * sizeof(float)), sums.Y);
        PtxMemory.StoreSharedFloat(own + (8 * sizeof(float)), sums.Z);
        PtxMemory.StoreSharedFloat(own + ((WeightRows + 8) * sizeof(float)), sums.W);
        PtxGrid.Barrier();
        int m = firstM + (thread / WeightRows);
        int n = firstN + (thread % WeightRows);
        if (thread >= WarpSums || m >= arguments.M || n >= arguments.N)
            return;
        uint at = shared + (uint)(thread * sizeof(float));
        float sum = PtxMemory.LoadSharedFloat(at);
        for (int warp = 1; warp < Warps; warp++)
            sum += PtxMemory.LoadSharedFloat(at + (uint)(warp * WarpSums * sizeof(float)));
        if (arguments.Bias != 0)
            sum += PtxMemory.LoadConstantFloat(arguments.Bias + ((long)n * sizeof(float)));
        long to = arguments.AddressOf(m, n);
        if (arguments.IsSingle != 0)
            PtxMemory.StoreFloat(to, sum);
        else
            PtxMemory.StoreShort(to, PtxBits.RoundToHalf(sum));
    }
}
