using System.Diagnostics.CodeAnalysis;
using ILGPU;
using KBitQuant.Compute.Gpu.Decoder.Panels;
using KBitQuant.Compute.Gpu.Kernels.Platforms;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Decoder.Dense.TensorCores;

/// <summary>
/// y = x W^T (+ bias) for many input rows, by tensor cores. A group has 128 input rows by 128 weight rows, each of its four warps 64 by
/// 64. It goes over the columns 64 at a time, which are copied to shared memory two ahead.
/// </summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal static class DenseTensorTileKernel<TWeight>
    where TWeight : struct, IDenseTensorWeight
{
    private const int GroupSize = 128;
    private const int Rows = 128;
    private const int WarpRows = 64;

    // A stage: a panel of inputs, [input row][column], and one of weights, [weight row][column].
    private const int PanelBytes = Rows * TensorPanel.RowBytes;
    private const int StageBytes = 2 * PanelBytes;

    /// <summary>Three stages, and what it takes to begin at a multiple of a row of panels.</summary>
    private const int SharedBytes = (3 * StageBytes) + TensorPanel.RowBytes;

    public static CudaKernel<DenseTensorArguments> Kernel { get; } = new("cuda-dense-tile", Run, GroupSize, SharedBytes);

    /// <summary>Puts it into the stream, within a call; false where the device or its driver does not take it.</summary>
    public static bool TryRun(GpuDevice device, DenseTensorArguments arguments) =>
        // Groups that share weight rows follow one another.
        Kernel.TryLaunch(device, (((arguments.M - 1) / Rows) + 1, ((arguments.N - 1) / Rows) + 1), arguments);

    private static void Run(DenseTensorArguments arguments)
    {
        int lane = Group.IdxX & 31;
        int warpM = (Group.IdxX >> 5 & 1) * WarpRows;
        int warpN = (Group.IdxX >> 6) * WarpRows;
        int firstM = Grid.IdxX * Rows;
        int firstN = Grid.IdxY * Rows;
        uint shared = TensorPanel.Align(PtxMemory.DynamicShared());
        uint inputs = TensorPanel.LaneOffset(lane) + (uint)(warpM * TensorPanel.RowBytes);
        uint weights = TensorPanel.LaneOffset(lane) + (uint)(PanelBytes + (warpN * TensorPanel.RowBytes));
        PtxGrid.LetNextBegin();
        PtxGrid.WaitForPrevious();
        BeginCopy(arguments, firstM, firstN, 0, shared);
        BeginCopy(arguments, firstM, firstN, TensorPanel.Columns, shared + StageBytes);
        uint stage = shared;
        uint following = shared + StageBytes;
        uint free = shared + (2 * StageBytes);
        DenseSums sums = default;
        for (int column = 0; column < arguments.K; column += TensorPanel.Columns)
        {
            // The stage has come, and nobody reads the one before any more.
            PtxMemory.AwaitAllButLast();
            PtxGrid.Barrier();
            BeginCopy(arguments, firstM, firstN, column + (2 * TensorPanel.Columns), free);
            sums = sums.PlusProducts<TWeight>(stage + inputs, stage + weights);
            uint done = stage;
            stage = following;
            following = free;
            free = done;
        }

        sums.Write(arguments, firstM + warpM, firstN + warpN);
    }

    /// <summary>Begins to copy a stage, as a batch of its own: zeros for rows and columns that there are not.</summary>
    private static void BeginCopy(DenseTensorArguments arguments, int firstM, int firstN, int column, uint stage)
    {
        PanelWord word = PanelWord.OfOne(arguments.K - column, GroupSize);
        long stride = (long)arguments.K * sizeof(ushort);
        long inputs = arguments.X + (((long)firstM * arguments.K) + column) * sizeof(ushort);
        long weights = arguments.Weight + (((long)firstN * arguments.K) + column) * sizeof(ushort);
        for (int row = 0; row < Rows; row += PanelWord.Copies * word.RowStep)
        {
            uint to = stage + (uint)(row * TensorPanel.RowBytes);
            word.BeginCopies(to, 0, inputs + (row * stride), stride, arguments.M - firstM - row);
            word.BeginCopies(to + PanelBytes, 0, weights + (row * stride), stride, arguments.N - firstN - row);
        }

        PtxMemory.EndBatch();
    }
}
