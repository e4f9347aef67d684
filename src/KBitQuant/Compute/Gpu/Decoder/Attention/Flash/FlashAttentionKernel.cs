using System.Diagnostics.CodeAnalysis;
using ILGPU;
using KBitQuant.Compute.Gpu.Decoder.Panels;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Columns;
using KBitQuant.Compute.Gpu.Kernels.Platforms;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Decoder.Attention.Flash;

/// <summary>
/// <see cref="AttentionKernel"/> for many query rows, by tensor cores (FlashAttention-2, arXiv 2307.08691). A group has 128 query
/// rows of one key and value head, of the heads that share it, token after token; each of its warps has 16 of them. It goes over the
/// positions in tiles of 64, which are copied to shared memory while the tile before is computed. Scores, softmax and sums are
/// floats; queries, and weights for the products with values, are rounded to halves.
/// </summary>
/// <typeparam name="TIsWide">Whether heads have more than 64 elements.</typeparam>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal static class FlashAttentionKernel<TIsWide>
    where TIsWide : struct, IFlag
{
    public static CudaKernel<FlashArguments> Kernel { get; } = new("cuda-flash-attention", Run, FlashGroup.Size, FlashGroup.SharedBytes);

    private static void Run(FlashArguments arguments)
    {
        PtxGrid.LetNextBegin();
        PtxGrid.WaitForPrevious();
        int lane = Group.IdxX & 31;
        int head = Grid.IdxX;
        int groupRow = (Grid.DimY - 1 - Grid.IdxY) * FlashGroup.Rows;
        int row = groupRow + ((Group.IdxX >> 5) * FlashGroup.WarpRows);
        int known = (int)PtxMemory.Load(arguments.Step + (StepLayout.Position * sizeof(int))) + 1;
        int visible = known + arguments.TokenOf(groupRow + FlashGroup.Rows - 1);
        int visibleToWarp = known + arguments.TokenOf(row);
        // Of a tile from position 0 on, the columns that the lane's rows see from its first one on.
        int upper = known + arguments.TokenOf(row + (lane >> 2)) - ((lane & 3) * 2);
        int lower = known + arguments.TokenOf(row + (lane >> 2) + 8) - ((lane & 3) * 2);
        uint tile = TensorPanel.Align(PtxMemory.DynamicShared());
        uint other = tile + FlashGroup.TileBytes;
        uint laneOffset = TensorPanel.LaneOffset(lane);
        BeginCopyOfQueries(arguments, head, groupRow, other);
        BeginCopyOfTile(arguments, head, 0, visible, tile);
        PtxMemory.AwaitAll();
        PtxGrid.Barrier();
        FlashQueries queries = FlashQueries.Load(other + (uint)((row - groupRow) * TensorPanel.RowBytes) + laneOffset, FlashGroup.QueryBytes);
        FlashState state = FlashState.Empty;
        for (int position = 0; position < visible; position += FlashGroup.TilePositions)
        {
            // The tile has come, and nobody reads the one before any more.
            PtxMemory.AwaitAll();
            PtxGrid.Barrier();
            if (position + FlashGroup.TilePositions < visible)
                BeginCopyOfTile(arguments, head, position + FlashGroup.TilePositions, visible, other);
            TensorSums scores = queries.Score<TIsWide>(tile + laneOffset);
            if (position + FlashGroup.TilePositions > visibleToWarp)
                scores = scores.Masked(upper - position, lower - position);
            state = state.With<TIsWide>(scores, tile + FlashGroup.KeyBytes + laneOffset, FlashGroup.ValueBytes);
            uint done = tile;
            tile = other;
            other = done;
        }

        Write(arguments, head, row, state);
    }

    /// <summary>The group's queries to two panels.</summary>
    private static void BeginCopyOfQueries(FlashArguments arguments, int head, int groupRow, uint panels)
    {
        PanelWord word = PanelWord.OfPair(arguments.HeadSize, FlashGroup.Size);
        for (int row = word.Row; row < FlashGroup.Rows; row += word.RowStep)
            word.BeginCopy(panels, FlashGroup.QueryBytes, row, arguments.Queries + (arguments.StartOf(head, groupRow + row) * sizeof(ushort)));
    }

    /// <summary>The keys and values of a tile; zeros for values of positions that the group does not see.</summary>
    private static void BeginCopyOfTile(FlashArguments arguments, int head, int position, int visible, uint tile)
    {
        long keys = arguments.CachedKeys + ((((long)head * arguments.HeadSize * arguments.Capacity) + position) * sizeof(ushort));
        long values = arguments.CachedValues + ((((long)head * arguments.Capacity) + position) * arguments.HeadSize * sizeof(ushort));
        PanelWord.OfOne(arguments.Capacity - position, FlashGroup.Size)
            .BeginCopies(tile, 0, keys, arguments.Capacity * (long)sizeof(ushort), arguments.HeadSize);
        PanelWord.OfPair(arguments.HeadSize, FlashGroup.Size)
            .BeginCopies(tile + FlashGroup.KeyBytes, FlashGroup.ValueBytes, values, arguments.HeadSize * (long)sizeof(ushort), visible - position);
    }

    private static void Write(FlashArguments arguments, int head, int row, FlashState state)
    {
        int lane = Group.IdxX & 31;
        int upper = row + (lane >> 2);
        int lower = upper + 8;
        long ofUpper = AddressOf(arguments, head, upper, lane);
        long ofLower = AddressOf(arguments, head, lower, lane);
        int columnsOfUpper = upper < arguments.RowCount ? arguments.HeadSize : 0;
        int columnsOfLower = lower < arguments.RowCount ? arguments.HeadSize : 0;
        Floats2 factors = state.Factors();
        state.Low.Times(factors).Store(ofUpper, columnsOfUpper, ofLower, columnsOfLower);
        if (!default(TIsWide).IsSet)
            return;
        const int Columns = TensorPanel.Columns;
        const int Bytes = TensorPanel.RowBytes;
        state.High.Times(factors).Store(ofUpper + Bytes, columnsOfUpper - Columns, ofLower + Bytes, columnsOfLower - Columns);
    }

    /// <summary>Where the lane's first output of a row is.</summary>
    private static long AddressOf(FlashArguments arguments, int head, int row, int lane) =>
        arguments.Outputs + ((arguments.StartOf(head, row) + ((lane & 3) * 2)) * sizeof(ushort));
}
