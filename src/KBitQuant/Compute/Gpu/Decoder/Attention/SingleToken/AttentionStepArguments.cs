using KBitQuant.Compute.Gpu.Decoder.Rotary;

namespace KBitQuant.Compute.Gpu.Decoder.Attention.SingleToken;

/// <summary>The parameter of <see cref="AttentionStepKernel"/>: addresses of global memory, and what <see cref="RotaryArguments"/> and
/// <see cref="AttentionArguments"/> have.</summary>
internal struct AttentionStepArguments
{
    /// <summary>The pass (<see cref="StepLayout"/>).</summary>
    public long Step;

    /// <summary>The token's queries, halves.</summary>
    public long Queries;

    /// <summary>Its keys.</summary>
    public long Keys;

    /// <summary>Its values.</summary>
    public long Values;

    /// <summary>Floats, [positions, pairs].</summary>
    public long Cosines;

    /// <summary>Floats, [positions, pairs].</summary>
    public long Sines;

    /// <summary>Halves, [heads, head size, capacity].</summary>
    public long CachedKeys;

    /// <summary>Halves, [heads, capacity, head size].</summary>
    public long CachedValues;

    /// <summary>Receives halves, [heads, head size].</summary>
    public long Outputs;

    /// <summary>What groups that divide positions leave, floats, [row groups, splits, rows, head size + 2].</summary>
    public long Partials;

    /// <summary>How many groups of each row group have finished; zeros between launches.</summary>
    public long Finished;

    /// <summary>Elements from a head to the next in queries, keys and values.</summary>
    public int HeadStride;

    public int KeyValueHeadCount;

    /// <summary>Query heads that share a key and value head.</summary>
    public int QueriesPerKey;

    public int PairCount;

    /// <summary>Positions of the cache; even.</summary>
    public int Capacity;

    /// <summary>Groups that may divide the positions of a row group.</summary>
    public int Splits;

    /// <summary>What queries are multiplied with.</summary>
    public float Scale;
}
