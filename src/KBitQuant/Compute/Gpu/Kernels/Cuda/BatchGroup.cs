using ILGPU;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda;

/// <summary>
/// The shape and the shared memory of the groups of the kernel for batches. A group is some parts, which divide the columns, of some
/// warps each, which divide the rows. Behind the table, each part has three stages of inputs, each of a tile's 128 columns. The
/// 16-byte words of a row are exchanged (<see cref="WordPlace"/>), so that the same one of eight rows use all banks, and so do four that follow one another
/// of two rows. The sums of the end take the place of all that.
/// </summary>
internal static class BatchGroup
{
    /// <summary>The most threads of a group: as many as have 128 registers each.</summary>
    public const int MaxSize = 512;

    /// <summary>The most parts of a group: each has one of the 16 barriers, and the group another.</summary>
    public const int MaxParts = 15;

    /// <summary>Units of a warp.</summary>
    public const int WarpUnits = 2;

    /// <summary>Weight rows of a warp.</summary>
    public const int WarpRows = WarpUnits * PackedLayout.UnitRows;

    /// <summary>Bytes of an input row in a stage.</summary>
    public const int RowBytes = PackedLayout.TileColumns * sizeof(ushort);

    /// <summary>Bytes of eight input rows.</summary>
    public const int EightRowsBytes = 8 * RowBytes;

    /// <summary>Stages of a part.</summary>
    public const int Stages = 3;

    private const int CopyBytes = 16;

    /// <summary>Lanes that copy a row.</summary>
    private const int RowLanes = RowBytes / CopyBytes;

    /// <summary>Bytes from an input row to the next among the sums: lanes 2t and g then use different banks.</summary>
    public static int SumPitch(int strips) => ((strips * WarpRows) + 4) * sizeof(float);

    /// <summary>Bytes of shared memory of a group.</summary>
    /// <param name="strips">Warps of a part.</param>
    /// <param name="parts">Parts.</param>
    /// <param name="columns">Input rows.</param>
    public static int SharedBytes(int strips, int parts, int columns) =>
        Math.Max(DecodeGroup.TableBytes + (parts * Stages * columns * RowBytes), parts * columns * SumPitch(strips));

    /// <summary>From where in a stage a lane loads inputs of the first 32 columns; of the next ones, at the address with bit 6 inverted. Where lanes have their own
    /// words of the weight, lane 4g + t takes input row g, columns 8t on; otherwise lane 8t + g names the place of these for all (<see cref="PtxMemory.LoadMatrices"/>).</summary>
    public static uint LaneInputs(int lane, bool isOwn) => isOwn ? WordPlace(lane >> 2, lane & 3) : WordPlace(lane & 7, lane >> 3);

    /// <summary>Where a 16-byte word of a row is in a stage: its number differs by the row's last three bits, the last one first.</summary>
    private static uint WordPlace(int row, int word) => (uint)((row * RowBytes) + ((word ^ ((row & 1) * 4) ^ (row >> 1 & 3)) * CopyBytes));

    /// <summary>The first input row that a lane copies of a tile.</summary>
    public static int CopyRow(int strip, int lane) => (strip * (32 / RowLanes)) + (lane >> 4);

    /// <summary>Where a lane begins to copy.</summary>
    /// <param name="arguments">The kernel's.</param>
    /// <param name="strip">The warp in its part.</param>
    /// <param name="lane">The lane.</param>
    /// <param name="firstRow">The group's first input row.</param>
    /// <param name="tile">The first tile.</param>
    public static InputCopy PlanCopy(DecodeArguments arguments, int strip, int lane, int firstRow, int tile)
    {
        int row = CopyRow(strip, lane);
        int column = (tile * PackedLayout.TileColumns) + ((lane & (RowLanes - 1)) * (CopyBytes / sizeof(ushort)));
        return new()
        {
            Source = arguments.X + ((((long)(firstRow + row) * arguments.K) + column) * sizeof(ushort)),
            Row = row,
        };
    }

    /// <summary>Begins to copy a tile of the inputs, as a batch: zeros where it is beyond the last column.</summary>
    /// <param name="arguments">The kernel's.</param>
    /// <param name="copy">The lane's place.</param>
    /// <param name="stage">The stage to copy to.</param>
    /// <param name="tile">The tile.</param>
    /// <param name="rows">Input rows from the lane's first one on.</param>
    /// <returns>The lane's place in the next tile.</returns>
    public static InputCopy BeginCopy(DecodeArguments arguments, InputCopy copy, uint stage, int tile, int rows)
    {
        int bytes = tile * PackedLayout.TileColumns < arguments.K ? CopyBytes : 0;
        int step = arguments.Strips * (32 / RowLanes);
        long source = copy.Source;
        for (int i = 0; i < rows; i += step)
        {
            PtxMemory.BeginCopy(stage + WordPlace(copy.Row + i, Group.IdxX & (RowLanes - 1)), source, bytes);
            source += (long)step * arguments.K * sizeof(ushort);
        }

        PtxMemory.EndBatch();
        copy.Source += RowBytes;
        return copy;
    }

    /// <summary>Adds the sums of the cluster's parts in a fixed order, and writes the outputs.</summary>
    /// <param name="arguments">The kernel's.</param>
    /// <param name="shared">Where each group has its sums: [part][input row][weight row].</param>
    /// <param name="pitch">Bytes from an input row to the next there.</param>
    /// <param name="rows">The group's input rows and which of them are the thread's.</param>
    /// <param name="row">The thread's weight row in the group.</param>
    /// <param name="n">And in the weight.</param>
    public static void Reduce<TElement>(DecodeArguments arguments, uint shared, int pitch, OutputRows rows, int row, int n)
        where TElement : struct, ITensorElement
    {
        TElement element = default;
        int end = IntrinsicMath.Min(rows.Count, arguments.M - rows.Start);
        if (n >= arguments.N)
            return;
        float bias = arguments.HasBias == 0 ? 0 : Interop.IntAsFloat(PtxMemory.Load(arguments.Bias + ((long)n * sizeof(float))));
        for (int m = rows.First; m < end; m += rows.Step)
        {
            uint at = shared + (uint)((m * pitch) + (row * sizeof(float)));
            float sum = 0;
            for (int part = 0; part < Group.DimY; part++, at += (uint)(rows.Count * pitch))
                sum = AddRanks(at, arguments.ClusterSize, sum);
            PtxMemory.StoreShort(arguments.Y + ((((long)(rows.Start + m) * arguments.N) + n) * 2), element.Round((sum * arguments.OutputScale) + bias));
        }
    }

    /// <summary>Adds the same place of all groups of the cluster, four loads at a time.</summary>
    private static float AddRanks(uint at, int ranks, float sum)
    {
        for (int rank = 0; rank < ranks; rank += 4)
        {
            float first = PtxMemory.LoadOfRank(at, rank);
            float second = PtxMemory.LoadOfRank(at, IntrinsicMath.Min(rank + 1, ranks - 1));
            float third = PtxMemory.LoadOfRank(at, IntrinsicMath.Min(rank + 2, ranks - 1));
            float fourth = PtxMemory.LoadOfRank(at, IntrinsicMath.Min(rank + 3, ranks - 1));
            sum += first;
            sum += rank + 1 < ranks ? second : 0;
            sum += rank + 2 < ranks ? third : 0;
            sum += rank + 3 < ranks ? fourth : 0;
        }

        return sum;
    }

    /// <summary>Input rows of a group.</summary>
    internal struct OutputRows
    {
        /// <summary>The group's first one.</summary>
        public int Start;

        /// <summary>How many it has.</summary>
        public int Count;

        /// <summary>The first one whose outputs the thread writes, from <see cref="Start"/> on.</summary>
        public int First;

        /// <summary>From there to the thread's next one.</summary>
        public int Step;
    }

    /// <summary>A lane's place in the inputs of a tile, and its first row.</summary>
    internal struct InputCopy
    {
        public long Source;
        public int Row;
    }
}
