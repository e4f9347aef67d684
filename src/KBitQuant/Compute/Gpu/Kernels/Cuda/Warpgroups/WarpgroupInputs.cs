using ILGPU;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Warpgroups;

/// <summary>
/// Brings inputs to the stages. A warp's copy is four input rows by the 64 columns of a chunk: lane 8r + 4q + t has columns 8t to
/// 8t + 7 of half q of the chunk in row r. They become 4-byte words t of the four 16-byte words 4q to 4q + 3 of a row in the stage
/// (<see cref="PtxWarpgroup.Descriptor"/>): in the order in which <see cref="PackedLayout"/> has the weight's columns.
/// </summary>
internal struct WarpgroupInputs<TColumns, TStrips>
    where TColumns : struct, IWarpgroupColumns
    where TStrips : struct, IStrips
{
    private const int CopyRows = 4;

    /// <summary>The address of the thread's first inputs in the next slice.</summary>
    private long _source;

    /// <summary>The place of its first word in a stage.</summary>
    private uint _destination;

    /// <summary>Columns from the thread's column in the next slice on.</summary>
    private int _columnsLeft;

    /// <summary>Copies that a thread makes of a slice.</summary>
    private static int Copies => (default(TColumns).Count + CopiedRows - 1) / CopiedRows;

    /// <summary>Input rows that the threads of a part copy at once.</summary>
    private static int CopiedRows => default(TStrips).Count * CopyRows;

    /// <summary>The inputs of a slice.</summary>
    /// <param name="arguments">The product.</param>
    /// <param name="firstRow">The group's first input row.</param>
    /// <param name="slice">The slice.</param>
    public static WarpgroupInputs<TColumns, TStrips> At(DecodeArguments arguments, int firstRow, int slice)
    {
        int lane = Group.IdxX & 31;
        int warp = Group.IdxX >> 5;
        int chunk = warp & 3;
        int row = Row();
        int half = ((lane >> 2) & 1) ^ ((warp >> 2) & 1);
        int column = (slice * PackedLayout.SliceColumns) + (chunk * PackedLayout.ChunkColumns) + ((lane & 7) * 8);
        return new()
        {
            _source = arguments.X + ((((long)(firstRow + row) * arguments.K) + column) * sizeof(ushort)),
            _destination = (uint)((((chunk * default(TColumns).Count) + row) * WarpgroupBatch.RowBytes) + (half * 64) + ((lane >> 3) * 16) + ((lane & 3) * 4)),
            _columnsLeft = arguments.K - column,
        };
    }

    /// <summary>The thread's first input row in the group.</summary>
    public static int Row() => ((Group.IdxX >> 7) * CopyRows) + ((Group.IdxX >> 3) & (CopyRows - 1));

    /// <summary>The inputs of the slice after.</summary>
    public readonly WarpgroupInputs<TColumns, TStrips> Next()
    {
        WarpgroupInputs<TColumns, TStrips> next = this;
        next._source += PackedLayout.SliceColumns * sizeof(ushort);
        next._columnsLeft -= PackedLayout.SliceColumns;
        return next;
    }

    /// <summary>How many of the input rows, from the thread's first one on, it loads of the slice.</summary>
    /// <param name="rows">How many there are.</param>
    /// <param name="isWanted">Whether there is such a slice.</param>
    public readonly int RowsLeft(int rows, bool isWanted) => isWanted && _columnsLeft > 0 ? rows : 0;

    /// <summary>Begins to load a quarter of the thread's copies: zeros where there are no inputs.</summary>
    /// <param name="arguments">The product.</param>
    /// <param name="quarter">Which quarter.</param>
    /// <param name="rowsLeft">As <see cref="RowsLeft"/> says.</param>
    public readonly ChunkInputs Load(DecodeArguments arguments, int quarter, int rowsLeft)
    {
        ChunkInputs loaded = default;
        if (quarter < Copies)
            loaded.First = LoadCopy(arguments, quarter, rowsLeft);
        if (quarter + 4 < Copies)
            loaded.Second = LoadCopy(arguments, quarter + 4, rowsLeft);
        return loaded;
    }

    /// <summary>Stores a quarter of the thread's copies to a stage.</summary>
    /// <param name="quarter">Which quarter.</param>
    /// <param name="loaded">The inputs.</param>
    /// <param name="stage">The stage.</param>
    public readonly void Store(int quarter, ChunkInputs loaded, uint stage)
    {
        if (quarter < Copies)
            StoreCopy(quarter, loaded.First, stage);
        if (quarter + 4 < Copies)
            StoreCopy(quarter + 4, loaded.Second, stage);
    }

    private readonly Words4 LoadCopy(DecodeArguments arguments, int copy, int rowsLeft)
    {
        int row = copy * CopiedRows;
        return PtxMemory.LoadIf4(_source + ((long)arguments.K * (row * sizeof(ushort))), row < rowsLeft ? 1u : 0u);
    }

    private readonly void StoreCopy(int copy, Words4 words, uint stage)
    {
        int row = copy * CopiedRows;
        // Where all threads have a row in each copy, nothing is asked.
        if (default(TColumns).Count % CopiedRows != 0 && Row() + row >= default(TColumns).Count)
            return;
        // The four rows are the other half of eight for every second copy, where the warpgroups are odd in number.
        uint at = (stage + _destination) ^ (uint)((copy & default(TStrips).Count & 1) * 64);
        uint step = (uint)(row * WarpgroupBatch.RowBytes);
        PtxMemory.StoreShared(at + step, words.X);
        PtxMemory.StoreShared((at ^ 16) + step, words.Y);
        PtxMemory.StoreShared((at ^ 32) + step, words.Z);
        PtxMemory.StoreShared((at ^ 48) + step, words.W);
    }
}
