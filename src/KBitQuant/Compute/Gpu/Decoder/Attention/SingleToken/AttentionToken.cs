using ILGPU;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Decoder.Attention.SingleToken;

/// <summary>What the step's own token brings to <see cref="AttentionStepKernel"/>: queries and a key, turned and rounded to halves in shared memory, and a key and a
/// value for the cache. A thread has a pair of elements of two query rows.</summary>
internal struct AttentionToken
{
    /// <summary>Bytes of 16 elements, of which a lane reads four.</summary>
    public const uint StepBytes = 32;

    /// <summary>Bytes from a query row to the next: eight rows of a read lie in other banks.</summary>
    public const uint RowBytes = (HeadSize * 2) + StepBytes;

    /// <summary>Bytes of all of it in shared memory: queries, then the key.</summary>
    public const uint Bytes = KeyAt + (HeadSize * 2);

    /// <summary>Where the key is.</summary>
    public const uint KeyAt = AttentionStepKernel.Rows * RowBytes;

    private const int HeadSize = AttentionStepKernel.HeadSize;
    private const int Pairs = HeadSize / 2;
    private const int RowStep = AttentionStepKernel.GroupSize / Pairs;
    private const int ValueEighths = HeadSize / 8;

    /// <summary>Elements of the thread's pair.</summary>
    public int First;
    public int Second;

    /// <summary>By what it is turned.</summary>
    public float Cosine;
    public float Sine;

    /// <summary>Where a lane reads queries: row g = lane / 4, of each 16 elements four.</summary>
    public static uint LaneOffset(int lane) => ((uint)(lane >> 2) * RowBytes) + (uint)((lane & 3) * 8);

    /// <summary>Loads eight elements of the value, or zeros.</summary>
    public static Words4 Value(AttentionStepArguments arguments, AttentionPlace place, int eighth, bool isWanted) =>
        PtxMemory.LoadIf4(arguments.Heads.Values + ((((long)place.Head * arguments.Heads.HeadStride) + (eighth * 8)) * 2), isWanted ? 1u : 0u);

    /// <summary>Loads the thread's angle: elements of a pair are half the rotated part apart, those past it are not turned.</summary>
    public static AttentionToken Load(AttentionStepArguments arguments, AttentionPlace place, int thread)
    {
        int pairs = arguments.Heads.PairCount;
        int pair = thread & (Pairs - 1);
        bool isTurned = pair < pairs;
        long angle = (((long)place.Known * pairs) + (isTurned ? pair : 0)) * sizeof(float);
        float cosine = PtxMemory.LoadFloat(arguments.Heads.Cosines + angle);
        float sine = PtxMemory.LoadFloat(arguments.Heads.Sines + angle);
        return new()
        {
            First = isTurned ? pair : 2 * pair,
            Second = isTurned ? pair + pairs : (2 * pair) + 1,
            Cosine = isTurned ? cosine : 1f,
            Sine = isTurned ? sine : 0f,
        };
    }

    /// <summary>Brings queries and the key to shared memory; where the group has the token's position, key and value to the cache. Query rows past the last one
    /// repeat it.</summary>
    public readonly void Store(AttentionStepArguments arguments, AttentionPlace place, uint shared, int thread)
    {
        int row = thread / Pairs;
        Floats2 low = LoadTurned(QueryAt(arguments, place.Head, place.FirstRow + row));
        Floats2 high = LoadTurned(QueryAt(arguments, place.Head, place.FirstRow + row + RowStep));
        Floats2 key = LoadTurned(arguments.Heads.Keys + ((long)place.Head * arguments.Heads.HeadStride * 2));
        Store(shared + ((uint)row * RowBytes), low);
        Store(shared + ((uint)(row + RowStep) * RowBytes), high);
        if (thread < Pairs)
            Store(shared + KeyAt, key);
        if (place.HasToken && thread < Pairs)
        {
            long to = arguments.Heads.CachedKeys + ((((long)place.Head * HeadSize * arguments.Heads.Capacity) + place.Known) * 2);
            PtxMemory.StoreShort(to + ((long)First * arguments.Heads.Capacity * 2), PtxBits.RoundToHalf(key.X));
            PtxMemory.StoreShort(to + ((long)Second * arguments.Heads.Capacity * 2), PtxBits.RoundToHalf(key.Y));
        }
        else if (place.HasToken && thread < Pairs + ValueEighths)
        {
            int eighth = thread - Pairs;
            long to = arguments.Heads.CachedValues + (((((long)place.Head * arguments.Heads.Capacity) + place.Known) * HeadSize) * 2);
            PtxMemory.Store4(to + (eighth * 16), Value(arguments, place, eighth, isWanted: true));
        }
    }

    private static long QueryAt(AttentionStepArguments arguments, int head, int row)
    {
        int query = (head * arguments.QueriesPerKey) + IntrinsicMath.Min(row, arguments.QueriesPerKey - 1);
        return arguments.Heads.Queries + ((long)query * arguments.Heads.HeadStride * 2);
    }

    private readonly Floats2 LoadTurned(long head)
    {
        float first = Half(head + (First * 2));
        float second = Half(head + (Second * 2));
        return new() { X = (first * Cosine) - (second * Sine), Y = (second * Cosine) + (first * Sine) };
    }

    private readonly void Store(uint row, Floats2 pair)
    {
        PtxMemory.StoreSharedShort(row + (uint)(First * 2), PtxBits.RoundToHalf(pair.X));
        PtxMemory.StoreSharedShort(row + (uint)(Second * 2), PtxBits.RoundToHalf(pair.Y));
    }

    private static float Half(long address) => PtxBits.WidenHalves(PtxMemory.LoadShort(address)).X;
}
