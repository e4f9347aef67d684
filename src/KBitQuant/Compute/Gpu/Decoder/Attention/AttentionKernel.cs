using System.Diagnostics.CodeAnalysis;
using ILGPU;
using KBitQuant.Compute.Gpu.Decoder.Rotary;
using KBitQuant.Compute.Gpu.Kernels.Platforms;

namespace KBitQuant.Compute.Gpu.Decoder.Attention;

/// <summary>
/// softmax(q k^T) v, causal. A group computes four query rows of one key and value head: of the heads that share it, token after
/// token. It goes over the positions in tiles and keeps the softmax as it grows (online softmax, arXiv 1805.02867). Where that
/// gives too few groups, several divide the positions; the last one to finish adds what all have left, in the order of the
/// positions: the same bits on every run.
/// </summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal static class AttentionKernel
{
    /// <summary>Query rows of a group.</summary>
    public const int Rows = RowValues.Count;

    /// <summary>Positions of a tile.</summary>
    public const int TilePositions = 64;

    /// <summary>The largest head, in elements: shared memory holds sums for so many.</summary>
    public const int MaxHeadSize = 256;

    private const int GroupSize = 512;

    /// <summary>Into so many parts are the elements of a head divided for the scores of a tile.</summary>
    private const int Slices = 8;

    /// <summary>Into so many parts are the positions of a tile divided for the sums of values.</summary>
    private const int Parts = AttentionResult.Parts;

    private const int PartPositions = TilePositions / Parts;

    private const int TileScores = TilePositions * Rows;

    public static PlatformKernel<AttentionArguments> Kernel { get; } = new("attention", Run<PortablePlatform>, Run<CudaPlatform>, GroupSize);

    private static void Run<TPlatform>(AttentionArguments arguments)
        where TPlatform : struct, IGpuPlatform
    {
        default(TPlatform).Begin();
        // Eight elements more, of zeros, so that reads of eight may begin at each.
        ArrayView<float> queries = SharedMemory.Allocate<float>((MaxHeadSize + EightValues.Count) * Rows);
        ArrayView<float> sums = SharedMemory.Allocate<float>(MaxHeadSize * Rows * Parts);
        ArrayView<float> totals = SharedMemory.Allocate<float>(Rows);
        ArrayView<float> scores = SharedMemory.Allocate<float>(TileScores * Slices);
        ArrayView<float> largest = SharedMemory.Allocate<float>(Rows);
        var tiles = new TileSums
        {
            Maxima = SharedMemory.Allocate<float>(TileScores),
            Totals = SharedMemory.Allocate<float>(TileScores),
            Largest = SharedMemory.Allocate<float>(Rows),
            Scales = SharedMemory.Allocate<float>(Rows),
        };
        int split = Grid.IdxX % arguments.Splits;
        int rowGroup = Grid.IdxX / arguments.Splits;
        int head = rowGroup % arguments.Heads.KeyValueHeadCount;
        int firstRow = rowGroup / arguments.Heads.KeyValueHeadCount * Rows;
        int known = arguments.Heads.Step[StepLayout.Position];
        int visible = known + arguments.TokenOf(firstRow + Rows - 1) + 1;
        // Whole tiles, so that they are the same however many groups divide them.
        int share = (((visible - 1) / arguments.Splits / TilePositions) + 1) * TilePositions;
        int start = split * share;
        if (start >= visible)
            return;
        int end = IntrinsicMath.Min(start + share, visible);
        Load<TPlatform>(arguments, head, firstRow, known, queries);
        if (arguments.Heads.Tokens == 1 && end == visible)
            arguments.Heads.Append<TPlatform>(0, head, known);
        Clear(arguments.Heads.HeadSize, sums, totals, largest);
        for (int tile = start; tile < end; tile += TilePositions)
        {
            int count = IntrinsicMath.Min(TilePositions, end - tile);
            ComputeScores<TPlatform>(arguments.Heads, head, tile, count, queries, scores);
            ComputeWeights<TPlatform>(arguments, firstRow, known - tile, count, scores, largest, tiles);
            AddValues<TPlatform>(arguments.Heads, head, tile, count, scores, sums, tiles.Scales);
            KeepTotals<TPlatform>(tiles, totals, largest);
        }

        AttentionResult.Store<TPlatform>(arguments, head, firstRow, rowGroup, split, ((visible - 1) / share) + 1, sums, totals, largest);
    }

    /// <summary>queries[element, row].</summary>
    private static void Load<TPlatform>(AttentionArguments arguments, int head, int firstRow, int position, ArrayView<float> queries)
        where TPlatform : struct, IGpuPlatform
    {
        int size = arguments.Heads.HeadSize;
        for (int i = Group.IdxX; i < size * Rows; i += Group.DimX)
        {
            int d = i % size;
            int row = firstRow + (i / size);
            queries[(d * Rows) + (i / size)] = arguments.Heads.Tokens == 1
                ? arguments.Heads.Query<TPlatform>(0, arguments.HeadOf(head, row), d, position)
                : default(TPlatform).Widen(arguments.Heads.Rotated[arguments.StartOf(head, row) + d]);
        }

        for (int i = Group.IdxX; i < EightValues.Count * Rows; i += Group.DimX)
            queries[(size * Rows) + i] = 0;
    }

    private static void Clear(int size, ArrayView<float> sums, ArrayView<float> totals, ArrayView<float> largest)
    {
        for (int i = Group.IdxX; i < size * Rows * Parts; i += Group.DimX)
            sums[i] = 0;
        for (int i = Group.IdxX; i < Rows; i += Group.DimX)
        {
            totals[i] = 0;
            largest[i] = AttentionResult.Masked;
        }

        Group.Barrier();
    }

    /// <summary>scores[slice, position, row]: a thread for each position and slice of the head's elements.</summary>
    private static void ComputeScores<TPlatform>(
        RotaryArguments heads, int head, int tile, int count, ArrayView<float> queries, ArrayView<float> scores)
        where TPlatform : struct, IGpuPlatform
    {
        int size = heads.HeadSize;
        ArrayView<ushort> keys = heads.CachedKeys.SubView((long)head * size * heads.Capacity, (long)size * heads.Capacity);
        for (int i = Group.IdxX; i < TilePositions * Slices; i += Group.DimX)
        {
            int position = i % TilePositions;
            if (position >= count)
                continue;
            int slice = i / TilePositions;
            int end = size * (slice + 1) / Slices;
            RowValues sum = default;
            for (int d = size * slice / Slices; d < end; d += EightValues.Count)
            {
                sum = EightValues.LoadHalves<TPlatform>(keys, (d * heads.Capacity) + tile + position, heads.Capacity, end - d)
                    .AddProducts(sum, queries, d * Rows);
            }

            sum.Store(scores, i * Rows, 1);
        }

        Group.Barrier();
    }

    /// <summary>In the first slice of the scores: e^(score - the largest so far), 0 for what a row does not see.</summary>
    private static void ComputeWeights<TPlatform>(
        AttentionArguments arguments, int firstRow, int knownInTile, int count, ArrayView<float> scores, ArrayView<float> largest, TileSums tile)
        where TPlatform : struct, IGpuPlatform
    {
        TPlatform platform = default;
        int width = LaneWidth<TPlatform>();
        for (int i = Group.IdxX; i < TileScores; i += Group.DimX)
        {
            float score = AttentionResult.Masked;
            if (i / Rows < count && i / Rows <= knownInTile + arguments.TokenOf(firstRow + (i % Rows)))
            {
                score = 0;
                for (int slice = 0; slice < Slices; slice++)
                    score += scores[(slice * TileScores) + i];
            }

            scores[i] = score;
            float ofLanes = platform.MaxLanes(score, Rows);
            if (i % width < Rows)
                tile.Maxima[(i / width * Rows) + (i % Rows)] = ofLanes;
        }

        Group.Barrier();
        for (int i = Group.IdxX; i < TileScores; i += Group.DimX)
        {
            float before = largest[i % Rows];
            float now = before;
            for (int j = i % Rows; j < TileScores / width * Rows; j += Rows)
                now = IntrinsicMath.Max(now, tile.Maxima[j]);
            float weight = platform.Exp(scores[i] - now);
            scores[i] = weight;
            float ofLanes = platform.AddLanes(weight, Rows);
            if (i % width < Rows)
                tile.Totals[(i / width * Rows) + (i % Rows)] = ofLanes;
            if (i < Rows)
            {
                tile.Largest[i] = now;
                tile.Scales[i] = platform.Exp(before - now);
            }
        }

        Group.Barrier();
    }

    /// <summary>Adds weights times values to what there is, after bringing that to the new largest score; a thread for each element of
    /// the head and part of the positions.</summary>
    private static void AddValues<TPlatform>(
        RotaryArguments heads, int head, int tile, int count, ArrayView<float> weights, ArrayView<float> sums, ArrayView<float> scales)
        where TPlatform : struct, IGpuPlatform
    {
        int size = heads.HeadSize;
        ArrayView<ushort> values = heads.CachedValues.SubView(((long)head * heads.Capacity * size) + ((long)tile * size), (long)count * size);
        RowValues scale = RowValues.Load(scales, 0, 1);
        for (int i = Group.IdxX; i < size * Parts; i += Group.DimX)
        {
            int d = i % size;
            int part = i / size;
            int end = IntrinsicMath.Min((part + 1) * PartPositions, count);
            int at = (part * Rows * size) + d;
            RowValues sum = RowValues.Load(sums, at, size).Times(scale);
            for (int p = part * PartPositions; p < end; p += EightValues.Count)
                sum = EightValues.LoadHalves<TPlatform>(values, (p * size) + d, size, end - p).AddProducts(sum, weights, p * Rows);
            sum.Store(sums, at, size);
        }
    }

    /// <summary>Makes the tile's sums of weights and largest scores part of all so far.</summary>
    private static void KeepTotals<TPlatform>(TileSums tile, ArrayView<float> totals, ArrayView<float> largest)
        where TPlatform : struct, IGpuPlatform
    {
        for (int row = Group.IdxX; row < Rows; row += Group.DimX)
        {
            float total = totals[row] * tile.Scales[row];
            for (int i = row; i < TileScores / LaneWidth<TPlatform>() * Rows; i += Rows)
                total += tile.Totals[i];
            totals[row] = total;
            largest[row] = tile.Largest[row];
        }

        Group.Barrier();
    }

    /// <summary>How many scores become one by an exchange between lanes, for each row: those that have all rows equally often, or a row
    /// each.</summary>
    private static int LaneWidth<TPlatform>()
        where TPlatform : struct, IGpuPlatform => IntrinsicMath.Max(default(TPlatform).Lanes, Rows);

    /// <summary>What a tile's scores come to, in shared memory.</summary>
    private struct TileSums
    {
        /// <summary>The largest scores of some positions each, [positions, rows].</summary>
        public ArrayView<float> Maxima;

        /// <summary>The sums of weights of the same positions.</summary>
        public ArrayView<float> Totals;

        /// <summary>Each row's largest score so far.</summary>
        public ArrayView<float> Largest;

        /// <summary>What sums so far are multiplied with.</summary>
        public ArrayView<float> Scales;
    }
}
