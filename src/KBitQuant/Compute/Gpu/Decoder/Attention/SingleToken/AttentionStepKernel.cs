using System.Diagnostics.CodeAnalysis;
using ILGPU;
using KBitQuant.Compute.Gpu.Kernels.Platforms;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Decoder.Attention.SingleToken;

/// <summary>
/// <see cref="AttentionKernel"/> for one token on GPUs of NVIDIA, heads of 128 elements. A group has four query rows of one key and
/// value head and a share of the positions, which it takes in tiles; what the cache holds of the first one is asked for before the
/// kernel ahead has finished, and of each further one while the tile before is computed. For the scores of a tile each warp has eight
/// elements of the head, for the sums four positions, whose softmax it keeps by itself; warps, and then groups, are added in the
/// order of their positions.
/// </summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal static class AttentionStepKernel
{
    /// <summary>Elements of a head.</summary>
    public const int HeadSize = 1 << HeadShift;

    /// <summary>Its binary logarithm: kernels divide by shifts.</summary>
    public const int HeadShift = 7;

    /// <summary>Threads of a group: one for each row and element.</summary>
    public const int GroupSize = Rows * HeadSize;

    private const int Rows = RowValues.Count;
    private const int Warps = GroupSize / 32;

    // Shared memory: queries [element][row]; the token's key [element]; scores [tile even or odd][warp][position][row]; sums
    // [warp][row][element]; largest scores and sums of weights [warp][row].
    private const uint RowBytes = Rows * sizeof(float);
    private const uint KeyAt = HeadSize * RowBytes;
    private const uint ScoresAt = KeyAt + (HeadSize * sizeof(float));
    private const uint WarpScores = AttentionTile.Positions * RowBytes;
    private const uint SumsAt = ScoresAt + (2 * Warps * WarpScores);
    private const uint WarpSums = HeadSize * RowBytes;
    private const uint TotalsAt = SumsAt + (Warps * WarpSums);
    private const int SharedBytes = (int)(TotalsAt + (Warps * Rows * 8) + 16);

    public static CudaKernel<AttentionStepArguments> Kernel { get; } = new("cuda-attention-step", Run, GroupSize, SharedBytes);

    private static void Run(AttentionStepArguments arguments)
    {
        PtxGrid.LetNextBegin();
        int thread = Group.IdxX;
        // The position was set, and the cache written, by steps that have ended.
        int known = (int)PtxMemory.Load(arguments.Heads.Step + (StepLayout.Position * sizeof(int)));
        int tiles = (known / AttentionTile.Positions) + 1;
        int share = ((tiles - 1) / arguments.Splits) + 1;
        int shares = ((tiles - 1) / share) + 1;
        int split = Grid.IdxX;
        int rowGroup = Grid.IdxY;
        if (split >= shares)
            return;
        int rowsOfHead = rowGroup / arguments.Heads.KeyValueHeadCount;
        int head = rowGroup - (rowsOfHead * arguments.Heads.KeyValueHeadCount);
        int firstRow = rowsOfHead * Rows;
        int start = split * share * AttentionTile.Positions;
        int end = IntrinsicMath.Min(start + (share * AttentionTile.Positions), known + 1);
        uint shared = PtxMemory.DynamicShared();
        AttentionTile next = AttentionTile.Load(arguments, head, start, known, thread);
        PtxGrid.WaitForPrevious();
        LoadQuery(arguments, head, firstRow, known, shared, thread);
        if (end == known + 1)
            Append(arguments, head, known, shared, thread);
        PtxGrid.Barrier();
        AttentionSums sums = default;
        float largest = AttentionResult.Masked;
        float total = 0;
        uint scores = shared + ScoresAt;
        for (int tile = start; tile < end; tile += AttentionTile.Positions)
        {
            AttentionTile current = next;
            if (tile + AttentionTile.Positions > known)
                current = next.WithToken(arguments, head, tile, known, thread);
            if (tile + AttentionTile.Positions < end)
                next = AttentionTile.Load(arguments, head, tile + AttentionTile.Positions, known, thread);
            StoreScores(current, shared, scores, known - tile, thread);
            PtxGrid.Barrier();
            float score = SumScores(scores, tile, known, thread);
            float before = largest;
            largest = IntrinsicMath.Max(largest, Largest(score));
            float weight = Exp(score - largest);
            float scale = Exp(before - largest);
            total = (total * scale) + weight;
            sums = sums.Times(RowsOf(scale, 0));
            int own = (thread >> 4 & 1) * 2 * Rows;
            sums = sums.PlusProduct(RowsOf(weight, own), current.Value0).PlusProduct(RowsOf(weight, own + Rows), current.Value1);
            scores = shared + ScoresAt + (((uint)(tile - start) / AttentionTile.Positions & 1) == 0 ? Warps * WarpScores : 0);
        }

        total += PtxBits.ExchangeLanes(total, Rows);
        total += PtxBits.ExchangeLanes(total, 2 * Rows);
        StoreSums(sums, largest, total, shared, thread);
        PtxGrid.Barrier();
        AttentionStepResult.Write(arguments, shared + SumsAt, shared + TotalsAt, (head, firstRow, rowGroup, split, shares), thread);
    }

    /// <summary>The group's queries, turned and scaled: a thread for each row and element. Rows past the last one repeat it.</summary>
    private static void LoadQuery(AttentionStepArguments arguments, int head, int firstRow, int known, uint shared, int thread)
    {
        int row = thread >> HeadShift;
        int element = thread & (HeadSize - 1);
        int query = (head * arguments.QueriesPerKey) + IntrinsicMath.Min(firstRow + row, arguments.QueriesPerKey - 1);
        float value = Turn(arguments, arguments.Heads.Queries + ((long)query * arguments.Heads.HeadStride * 2), element, known) * arguments.Heads.Scale;
        PtxMemory.StoreSharedFloat(shared + (uint)(((element * Rows) + row) * sizeof(float)), value);
    }

    /// <summary>Appends the token's key, turned, and value to the cache; the key to shared memory too.</summary>
    private static void Append(AttentionStepArguments arguments, int head, int known, uint shared, int thread)
    {
        int element = thread & (HeadSize - 1);
        long from = (long)head * arguments.Heads.HeadStride * 2;
        if (thread < HeadSize)
        {
            uint key = PtxBits.RoundToHalf(Turn(arguments, arguments.Heads.Keys + from, element, known));
            PtxMemory.StoreSharedFloat(shared + KeyAt + (uint)(element * sizeof(float)), PtxBits.WidenHalves(key).X);
            PtxMemory.StoreShort(arguments.Heads.CachedKeys + ((((((long)head * HeadSize) + element) * arguments.Heads.Capacity) + known) * 2), key);
        }
        else if (thread < 2 * HeadSize)
        {
            long to = arguments.Heads.CachedValues + (((((long)head * arguments.Heads.Capacity) + known) * HeadSize) * 2);
            PtxMemory.StoreShort(to + (element * 2), PtxMemory.LoadShort(arguments.Heads.Values + from + (element * 2)));
        }
    }

    /// <summary>An element of a head at a position: pairs are half the rotated part apart.</summary>
    private static float Turn(AttentionStepArguments arguments, long head, int element, int position)
    {
        int pairs = arguments.Heads.PairCount;
        bool isFirst = element < pairs;
        bool isTurned = element < 2 * pairs;
        int pair = isFirst ? element : element - pairs;
        int other = isFirst ? element + pairs : pair;
        long angle = isTurned ? (((long)position * pairs) + pair) * sizeof(float) : 0;
        float own = Half(head + (element * 2));
        float turned = Half(head + ((isTurned ? other : element) * 2)) * PtxMemory.LoadFloat(arguments.Heads.Sines + angle);
        float result = (own * PtxMemory.LoadFloat(arguments.Heads.Cosines + angle)) + (isFirst ? -turned : turned);
        return isTurned ? result : own;
    }

    /// <summary>The scores of the warp's eight elements: a lane has two positions.</summary>
    private static void StoreScores(AttentionTile tile, uint shared, uint scores, int knownInTile, int thread)
    {
        int lane = thread & 31;
        int warp = thread >> 5;
        // The token's own key is not in the cache yet.
        int isToken = knownInTile == 2 * lane ? 1 : knownInTile == (2 * lane) + 1 ? 2 : 0;
        uint queries = shared + (uint)(warp * AttentionTile.WarpElements * RowBytes);
        uint key = shared + KeyAt + (uint)(warp * AttentionTile.WarpElements * sizeof(float));
        PairScores sum = default;
        sum = AddProducts(sum, tile.Key0, queries, key, isToken);
        sum = AddProducts(sum, tile.Key1, queries + RowBytes, key + 4, isToken);
        sum = AddProducts(sum, tile.Key2, queries + (2 * RowBytes), key + 8, isToken);
        sum = AddProducts(sum, tile.Key3, queries + (3 * RowBytes), key + 12, isToken);
        sum = AddProducts(sum, tile.Key4, queries + (4 * RowBytes), key + 16, isToken);
        sum = AddProducts(sum, tile.Key5, queries + (5 * RowBytes), key + 20, isToken);
        sum = AddProducts(sum, tile.Key6, queries + (6 * RowBytes), key + 24, isToken);
        sum = AddProducts(sum, tile.Key7, queries + (7 * RowBytes), key + 28, isToken);
        uint at = scores + (uint)((warp * WarpScores) + (lane * 2 * RowBytes));
        PtxMemory.StoreShared4(at, Bits(sum.First));
        PtxMemory.StoreShared4(at + RowBytes, Bits(sum.Second));
    }

    private static PairScores AddProducts(PairScores sum, uint keys, uint queries, uint tokenKey, int isToken)
    {
        Floats2 key = PtxBits.WidenHalves(keys);
        float token = PtxMemory.LoadSharedFloat(tokenKey);
        Words4 query = PtxMemory.LoadShared4(queries);
        var rows = new RowValues { Row0 = Interop.IntAsFloat(query.X), Row1 = Interop.IntAsFloat(query.Y), Row2 = Interop.IntAsFloat(query.Z), Row3 = Interop.IntAsFloat(query.W) };
        return new()
        {
            First = sum.First.PlusProduct(rows, isToken == 1 ? token : key.X),
            Second = sum.Second.PlusProduct(rows, isToken == 2 ? token : key.Y),
        };
    }

    /// <summary>A score of the warp's four positions: lane 4p + r, and 16 lanes on, has row r of position p.</summary>
    private static float SumScores(uint scores, int tile, int known, int thread)
    {
        const int Half = Warps / 2;
        int warp = thread >> 5;
        int lane = thread & 31;
        int position = (warp * Rows) + (lane >> 2 & 3);
        uint at = scores + (uint)((position * RowBytes) + ((lane & 3) * sizeof(float))) + ((uint)(lane >> 4) * Half * WarpScores);
        float sum = PtxMemory.LoadSharedFloat(at);
        for (uint i = 1; i < Half; i++)
            sum += PtxMemory.LoadSharedFloat(at + (i * WarpScores));
        sum += PtxBits.ExchangeLanes(sum, 16);
        return tile + position <= known ? sum : AttentionResult.Masked;
    }

    /// <summary>The largest of four lanes that have the same row.</summary>
    private static float Largest(float score)
    {
        score = IntrinsicMath.Max(score, PtxBits.ExchangeLanes(score, Rows));
        return IntrinsicMath.Max(score, PtxBits.ExchangeLanes(score, 2 * Rows));
    }

    private static RowValues RowsOf(float value, int firstLane) => new()
    {
        Row0 = PtxLanes.Read(value, firstLane),
        Row1 = PtxLanes.Read(value, firstLane + 1),
        Row2 = PtxLanes.Read(value, firstLane + 2),
        Row3 = PtxLanes.Read(value, firstLane + 3),
    };

    /// <summary>A warp's sums, and of each row its largest score and its sum of weights.</summary>
    private static void StoreSums(AttentionSums sums, float largest, float total, uint shared, int thread)
    {
        int warp = thread >> 5;
        int lane = thread & 31;
        sums.Store(shared + SumsAt + (uint)((warp * WarpSums) + ((lane & 15) * 32)), HeadSize * sizeof(float), lane >= 16);
        if (lane < Rows)
        {
            uint at = shared + TotalsAt + (uint)(((warp * Rows) + lane) * 8);
            PtxMemory.StoreSharedFloat(at, largest);
            PtxMemory.StoreSharedFloat(at + 4, total);
        }
    }

    private static Words4 Bits(RowValues rows) =>
        new() { X = Interop.FloatAsInt(rows.Row0), Y = Interop.FloatAsInt(rows.Row1), Z = Interop.FloatAsInt(rows.Row2), W = Interop.FloatAsInt(rows.Row3) };

    private static float Exp(float x) => default(CudaPlatform).Exp(x);

    private static float Half(long address) => PtxBits.WidenHalves(PtxMemory.LoadShort(address)).X;

    /// <summary>The scores of two positions.</summary>
    private struct PairScores
    {
        public RowValues First;
        public RowValues Second;
    }
}
