using ILGPU;
using KBitQuant.Compute.Gpu.Kernels.Platforms;

namespace KBitQuant.Compute.Gpu.Decoder.Rotary;

/// <summary>Projections of a pass and where they go. Element i of head h of token t lies at t * stride + h * <see cref="HeadStride"/> + i, in keys
/// and values after their offset.</summary>
internal struct RotaryArguments : IKernelArguments
{
    /// <summary>The pass (<see cref="StepLayout"/>).</summary>
    public ArrayView<int> Step;

    /// <summary>Halves.</summary>
    public ArrayView<ushort> Queries;

    /// <summary>Halves; may be the same as the queries.</summary>
    public ArrayView<ushort> Keys;

    /// <summary>Halves; may be the same as the queries.</summary>
    public ArrayView<ushort> Values;

    /// <summary>Of each position and pair, [positions, pairs].</summary>
    public ArrayView<float> Cosines;

    /// <summary>Of each position and pair, [positions, pairs].</summary>
    public ArrayView<float> Sines;

    /// <summary>Receives the queries, halves, [tokens, heads, head size].</summary>
    public ArrayView<ushort> Rotated;

    /// <summary>Receives the keys, halves, [heads, head size, capacity]: scores are computed with a thread for each
    /// position.</summary>
    public ArrayView<ushort> CachedKeys;

    /// <summary>Receives the values, halves, [heads, capacity, head size].</summary>
    public ArrayView<ushort> CachedValues;

    public int QueryStride;
    public int KeyStride;
    public int HeadStride;
    public int KeyOffset;
    public int ValueOffset;
    public int HeadCount;
    public int KeyValueHeadCount;
    public int HeadSize;

    /// <summary>Pairs that are turned, from the first elements of a head.</summary>
    public int PairCount;

    /// <summary>Positions of the cache.</summary>
    public int Capacity;

    /// <summary>What queries are multiplied with.</summary>
    public float Scale;

    /// <summary>Of the pass.</summary>
    public int Tokens;

    public readonly void Write(ref ArgumentWriter writer)
    {
        writer.Add(Step);
        writer.Add(Queries, Keys, Values);
        writer.Add(Cosines, Sines);
        writer.Add(Rotated, CachedKeys, CachedValues);
        writer.Add(QueryStride, KeyStride, HeadStride, KeyOffset, ValueOffset, HeadCount, KeyValueHeadCount, HeadSize, PairCount);
        writer.Add(Capacity);
        writer.Add(Scale);
        writer.Add(Tokens);
    }

    /// <summary>Element i of a query head of a token, turned and scaled.</summary>
    public readonly float Query<TPlatform>(int token, int head, int i, int position)
        where TPlatform : struct, IGpuPlatform =>
        Turn<TPlatform>(Queries, ((long)token * QueryStride) + ((long)head * HeadStride), i, position) * Scale;

    /// <summary>Appends a token's keys, turned, and values of one head to the cache; a thread takes elements in turn.</summary>
    public readonly void Append<TPlatform>(int token, int head, int position)
        where TPlatform : struct, IGpuPlatform
    {
        long start = ((long)token * KeyStride) + ((long)head * HeadStride);
        long cached = (long)head * HeadSize * Capacity;
        for (int i = Group.IdxX; i < HeadSize; i += Group.DimX)
        {
            float key = Turn<TPlatform>(Keys, start + KeyOffset, i, position);
            ushort value = Values[start + ValueOffset + i];
            CachedKeys[cached + ((long)i * Capacity) + position] = default(TPlatform).Round(key);
            CachedValues[cached + ((long)position * HeadSize) + i] = value;
        }
    }

    /// <summary>Element i of a head at a position: pairs are half the rotated part apart.</summary>
    private readonly float Turn<TPlatform>(ArrayView<ushort> heads, long start, int i, int position)
        where TPlatform : struct, IGpuPlatform
    {
        TPlatform platform = default;
        int pair = i < PairCount ? i : i - PairCount;
        bool isTurned = i < 2 * PairCount;
        long angle = isTurned ? ((long)position * PairCount) + pair : 0;
        ushort own = heads[start + i];
        ushort other = heads[start + (!isTurned ? i : i < PairCount ? i + PairCount : pair)];
        float turned = platform.Widen(other) * Sines[angle];
        float result = (platform.Widen(own) * Cosines[angle]) + (i < PairCount ? -turned : turned);
        return isTurned ? result : platform.Widen(own);
    }
}
