using System.Diagnostics.CodeAnalysis;
using ILGPU;

namespace KBitQuant.Compute.Gpu.Decoder;

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

    private const int GroupSize = 256;

    /// <summary>Into so many parts are the elements of a head divided for the scores of a tile.</summary>
    private const int Slices = 4;

    /// <summary>Into so many parts are the positions of a tile divided for the sums of values.</summary>
    private const int Parts = 2;

    private const int PartPositions = TilePositions / Parts;

    public static PlatformKernel<AttentionArguments> Kernel { get; } = new(Run<PortablePlatform>, Run<CudaPlatform>, GroupSize);

    private static void Run<TPlatform>(AttentionArguments arguments)
        where TPlatform : struct, IGpuPlatform
    {
        default(TPlatform).Begin();
        ArrayView<float> queries = SharedMemory.Allocate<float>(MaxHeadSize * Rows);
        ArrayView<float> sums = SharedMemory.Allocate<float>(MaxHeadSize * Rows * Parts);
        ArrayView<float> totals = SharedMemory.Allocate<float>(Rows * Parts);
        ArrayView<float> scores = SharedMemory.Allocate<float>(TilePositions * Rows * Slices);
        ArrayView<float> maxima = SharedMemory.Allocate<float>(TilePositions * Rows);
        ArrayView<float> largest = SharedMemory.Allocate<float>(Rows);
        int split = Grid.IdxX % arguments.Splits;
        int rowGroup = Grid.IdxX / arguments.Splits;
        int head = rowGroup % arguments.KeyValueHeadCount;
        int firstRow = rowGroup / arguments.KeyValueHeadCount * Rows;
        int known = arguments.Step[StepLayout.Position];
        int visible = known + arguments.TokenOf(firstRow + Rows - 1) + 1;
        // Whole tiles, so that they are the same however many groups divide them.
        int share = (((visible - 1) / arguments.Splits / TilePositions) + 1) * TilePositions;
        int start = split * share;
        if (start >= visible)
            return;
        Load(arguments, head, firstRow, queries, sums, totals, largest);
        int end = IntrinsicMath.Min(start + share, visible);
        for (int tile = start; tile < end; tile += TilePositions)
        {
            int count = IntrinsicMath.Min(TilePositions, end - tile);
            ComputeScores<TPlatform>(arguments, head, tile, count, queries, scores);
            ComputeWeights<TPlatform>(arguments, firstRow, known - tile, count, scores, maxima, largest);
            AddValues<TPlatform>(arguments, head, tile, count, scores, maxima, largest, sums, totals);
        }

        AttentionResult.Store<TPlatform>(arguments, head, firstRow, rowGroup, split, ((visible - 1) / share) + 1, sums, totals, largest);
    }

    private static void Load(
        AttentionArguments arguments, int head, int firstRow, ArrayView<float> queries, ArrayView<float> sums, ArrayView<float> totals,
        ArrayView<float> largest)
    {
        int size = arguments.HeadSize;
        for (int i = Group.IdxX; i < size * Rows; i += Group.DimX)
            queries[(i % size * Rows) + (i / size)] = arguments.Queries[arguments.StartOf(head, firstRow + (i / size)) + (i % size)];
        for (int i = Group.IdxX; i < size * Rows * Parts; i += Group.DimX)
            sums[i] = 0;
        for (int i = Group.IdxX; i < Rows * Parts; i += Group.DimX)
            totals[i] = 0;
        for (int i = Group.IdxX; i < Rows; i += Group.DimX)
            largest[i] = AttentionResult.Masked;
        Group.Barrier();
    }

    /// <summary>scores[slice, position, row]: a thread for each position and slice of the head's elements.</summary>
    private static void ComputeScores<TPlatform>(
        AttentionArguments arguments, int head, int tile, int count, ArrayView<float> queries, ArrayView<float> scores)
        where TPlatform : struct, IGpuPlatform
    {
        int size = arguments.HeadSize;
        for (int i = Group.IdxX; i < TilePositions * Slices; i += Group.DimX)
        {
            int position = i % TilePositions;
            if (position >= count)
                continue;
            int slice = i / TilePositions;
            int end = size * (slice + 1) / Slices;
            RowValues sum = default;
            for (int d = size * slice / Slices; d < end; d++)
            {
                float key = default(TPlatform).Widen(arguments.Keys[((((long)head * size) + d) * arguments.Capacity) + tile + position]);
                sum = sum.PlusProduct(RowValues.Load(queries, d * Rows, 1), key);
            }

            sum.Store(scores, i * Rows, 1);
        }

        Group.Barrier();
    }

    /// <summary>In the first slice of the scores: e^(score - the largest so far), 0 for what a row does not see.</summary>
    private static void ComputeWeights<TPlatform>(
        AttentionArguments arguments, int firstRow, int knownInTile, int count, ArrayView<float> scores, ArrayView<float> maxima,
        ArrayView<float> largest)
        where TPlatform : struct, IGpuPlatform
    {
        const int Scores = TilePositions * Rows;
        for (int i = Group.IdxX; i < Scores; i += Group.DimX)
        {
            float score = AttentionResult.Masked;
            if (i / Rows < count && i / Rows <= knownInTile + arguments.TokenOf(firstRow + (i % Rows)))
            {
                score = 0;
                for (int slice = 0; slice < Slices; slice++)
                    score += scores[(slice * Scores) + i];
            }

            scores[i] = score;
            maxima[i] = score;
        }

        for (int half = Scores / 2; half >= Rows; half /= 2)
        {
            Group.Barrier();
            for (int i = Group.IdxX; i < half; i += Group.DimX)
                maxima[i] = IntrinsicMath.Max(maxima[i], maxima[i + half]);
        }

        Group.Barrier();
        for (int i = Group.IdxX; i < Scores; i += Group.DimX)
            scores[i] = default(TPlatform).Exp(scores[i] - IntrinsicMath.Max(largest[i % Rows], maxima[i % Rows]));
        Group.Barrier();
    }

    /// <summary>Adds weights times values to what there is, after bringing that to the new largest score; a thread for each element of
    /// the head and part of the positions. Every thread sums the weights too; one keeps the sum.</summary>
    private static void AddValues<TPlatform>(
        AttentionArguments arguments, int head, int tile, int count, ArrayView<float> weights, ArrayView<float> maxima,
        ArrayView<float> largest, ArrayView<float> sums, ArrayView<float> totals)
        where TPlatform : struct, IGpuPlatform
    {
        int size = arguments.HeadSize;
        var scales = new RowValues
        {
            Row0 = Rescale<TPlatform>(largest, maxima, 0),
            Row1 = Rescale<TPlatform>(largest, maxima, 1),
            Row2 = Rescale<TPlatform>(largest, maxima, 2),
            Row3 = Rescale<TPlatform>(largest, maxima, 3),
        };
        for (int i = Group.IdxX; i < size * Parts; i += Group.DimX)
        {
            int d = i % size;
            int part = i / size;
            int end = IntrinsicMath.Min((part + 1) * PartPositions, count);
            int at = (part * Rows * size) + d;
            RowValues sum = RowValues.Load(sums, at, size).Times(scales);
            RowValues total = default;
            for (int p = part * PartPositions; p < end; p++)
            {
                RowValues weight = RowValues.Load(weights, p * Rows, 1);
                sum = sum.PlusProduct(weight, default(TPlatform).Widen(arguments.Values[((((long)head * arguments.Capacity) + tile + p) * size) + d]));
                total = total.PlusProduct(weight, 1);
            }

            sum.Store(sums, at, size);
            if (d == 0)
                RowValues.Load(totals, part * Rows, 1).Times(scales).PlusProduct(total, 1).Store(totals, part * Rows, 1);
        }

        Group.Barrier();
        for (int row = Group.IdxX; row < Rows; row += Group.DimX)
            largest[row] = IntrinsicMath.Max(largest[row], maxima[row]);
        Group.Barrier();
    }

    private static float Rescale<TPlatform>(ArrayView<float> largest, ArrayView<float> maxima, int row)
        where TPlatform : struct, IGpuPlatform =>
        default(TPlatform).Exp(largest[row] - IntrinsicMath.Max(largest[row], maxima[row]));
}
