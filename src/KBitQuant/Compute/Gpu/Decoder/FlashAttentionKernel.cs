using System.Reflection;
using ILGPU;
using KBitQuant.Compute.Gpu.Cuda;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Decoder;

/// <summary>
/// <see cref="AttentionKernel"/> for many query rows, by tensor cores (FlashAttention-2, arXiv 2307.08691). A group has 128 query
/// rows of one key and value head, of the heads that share it, token after token; each of its warps has 16 of them. It goes over the
/// positions in tiles of 64, which are copied to shared memory while the tile before is computed. Scores, softmax and sums are
/// floats; queries, and weights for the products with values, are rounded to halves.
/// </summary>
internal static class FlashAttentionKernel
{
    /// <summary>The largest head, in elements.</summary>
    public const int MaxHeadSize = 2 * FlashPanel.Columns;

    /// <summary>Heads have a multiple of so many elements.</summary>
    public const int HeadSizeUnit = 8;

    /// <summary>Threads of a group.</summary>
    public const int GroupSize = 256;

    /// <summary>Query rows of a group.</summary>
    public const int Rows = GroupSize / 32 * WarpRows;

    /// <summary>From so many query rows of a key and value head on it is the faster one.</summary>
    public const int MinRows = 64;

    /// <summary>Bytes of shared memory of a group: two tiles, and what it takes to begin at a multiple of a row of panels.</summary>
    public const int SharedBytes = (2 * TileBytes) + FlashPanel.RowBytes;

    private const int WarpRows = 16;
    private const int TilePositions = FlashPanel.Columns;
    // A tile: a panel of keys, [element][position]; two of values, [position][element]. Where the second tile will be are first
    // two of queries, [row][element].
    private const int KeyBytes = MaxHeadSize * FlashPanel.RowBytes;
    private const int ValueBytes = TilePositions * FlashPanel.RowBytes;
    private const int TileBytes = KeyBytes + (2 * ValueBytes);
    private const int QueryBytes = Rows * FlashPanel.RowBytes;

    public static MethodInfo Method { get; } = ((Action<FlashArguments>)Run).Method;

    /// <summary>The groups for a pass: those of a key and value head are a column, so that groups which begin together read different
    /// heads, and the last rows, which see the most, first.</summary>
    public static CudaGrid GridOf(GpuHeads heads, int tokens) =>
        new(heads.KeyValueCount, GroupSize, SharedBytes, (((tokens * (heads.Count / heads.KeyValueCount)) - 1) / Rows) + 1);

    private static void Run(FlashArguments arguments)
    {
        PtxGrid.LetNextBegin();
        PtxGrid.WaitForPrevious();
        int lane = Group.IdxX & 31;
        int head = Grid.IdxX;
        int groupRow = (Grid.DimY - 1 - Grid.IdxY) * Rows;
        int row = groupRow + ((Group.IdxX >> 5) * WarpRows);
        int known = (int)PtxMemory.Load(arguments.Step + (StepLayout.Position * sizeof(int))) + 1;
        int visible = known + arguments.TokenOf(groupRow + Rows - 1);
        int visibleToWarp = known + arguments.TokenOf(row);
        // Of a tile from position 0 on, the columns that the lane's rows see from its first one on.
        int upper = known + arguments.TokenOf(row + (lane >> 2)) - ((lane & 3) * 2);
        int lower = known + arguments.TokenOf(row + (lane >> 2) + 8) - ((lane & 3) * 2);
        bool isWide = arguments.HeadSize > FlashPanel.Columns;
        uint tile = (PtxMemory.DynamicShared() + FlashPanel.RowBytes - 1) & ~(uint)(FlashPanel.RowBytes - 1);
        uint other = tile + TileBytes;
        uint laneOffset = FlashPanel.LaneOffset(lane);
        BeginCopyOfQueries(arguments, head, groupRow, other);
        BeginCopyOfTile(arguments, head, 0, visible, tile);
        PtxMemory.AwaitAll();
        PtxGrid.Barrier();
        FlashQueries queries = FlashQueries.Load(other + (uint)((row - groupRow) * FlashPanel.RowBytes) + laneOffset, QueryBytes);
        FlashState state = FlashState.Empty;
        for (int position = 0; position < visible; position += TilePositions)
        {
            // The tile has come, and nobody reads the one before any more.
            PtxMemory.AwaitAll();
            PtxGrid.Barrier();
            if (position + TilePositions < visible)
                BeginCopyOfTile(arguments, head, position + TilePositions, visible, other);
            FlashSums scores = queries.Score(tile + laneOffset, isWide);
            if (position + TilePositions > visibleToWarp)
                scores = scores.Masked(upper - position, lower - position);
            state = state.With(scores, tile + KeyBytes + laneOffset, ValueBytes, isWide);
            uint done = tile;
            tile = other;
            other = done;
        }

        Write(arguments, head, row, state);
    }

    /// <summary>The group's queries to two panels.</summary>
    private static void BeginCopyOfQueries(FlashArguments arguments, int head, int groupRow, uint panels)
    {
        FlashWord word = FlashWord.OfPair(arguments.HeadSize);
        for (int row = word.Row; row < Rows; row += word.RowStep)
            word.BeginCopy(panels, QueryBytes, row, arguments.Queries + (arguments.StartOf(head, groupRow + row) * sizeof(ushort)), isRow: true);
    }

    /// <summary>The keys and values of a tile; zeros for values of positions that the group does not see.</summary>
    private static void BeginCopyOfTile(FlashArguments arguments, int head, int position, int visible, uint tile)
    {
        long keys = arguments.CachedKeys + ((((long)head * arguments.HeadSize * arguments.Capacity) + position) * sizeof(ushort));
        long values = arguments.CachedValues + ((((long)head * arguments.Capacity) + position) * arguments.HeadSize * sizeof(ushort));
        FlashWord key = FlashWord.OfOne(arguments.Capacity - position);
        FlashWord value = FlashWord.OfPair(arguments.HeadSize);
        for (int i = 0; i < MaxHeadSize; i += key.RowStep)
            key.BeginCopy(tile, 0, key.Row + i, keys + ((long)(key.Row + i) * arguments.Capacity * sizeof(ushort)), key.Row + i < arguments.HeadSize);
        for (int i = 0; i < TilePositions; i += value.RowStep)
        {
            int row = value.Row + i;
            value.BeginCopy(tile + KeyBytes, ValueBytes, row, values + ((long)row * arguments.HeadSize * sizeof(ushort)), position + row < visible);
        }
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
        const int Columns = FlashPanel.Columns;
        const int Bytes = FlashPanel.RowBytes;
        state.High.Times(factors).Store(ofUpper + Bytes, columnsOfUpper - Columns, ofLower + Bytes, columnsOfLower - Columns);
    }

    /// <summary>Where the lane's first output of a row is.</summary>
    private static long AddressOf(FlashArguments arguments, int head, int row, int lane) =>
        arguments.Outputs + ((arguments.StartOf(head, row) + ((lane & 3) * 2)) * sizeof(ushort));
}
