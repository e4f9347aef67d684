using ILGPU;

namespace KBitQuant.Compute.Gpu.Decoder.Attention.Flash;

/// <summary>The parameter of <see cref="FlashAttentionKernel{TIsWide}"/>: addresses and shapes.</summary>
internal struct FlashArguments
{
    /// <summary>The pass (<see cref="StepLayout"/>).</summary>
    public long Step;

    /// <summary>Halves, turned and scaled, [tokens, heads, head size].</summary>
    public long Queries;

    /// <summary>Halves, [key and value heads, head size, capacity].</summary>
    public long CachedKeys;

    /// <summary>Halves, [key and value heads, capacity, head size].</summary>
    public long CachedValues;

    /// <summary>Receives halves, [tokens, heads, head size].</summary>
    public long Outputs;

    public int Tokens;
    public int KeyValueHeadCount;

    /// <summary>Query heads that share a key and value head.</summary>
    public int QueriesPerKey;

    /// <summary>A multiple of 8.</summary>
    public int HeadSize;

    /// <summary>Positions of the cache; a multiple of 8.</summary>
    public int Capacity;

    /// <summary>Query rows of a key and value head.</summary>
    public readonly int RowCount => Tokens * QueriesPerKey;

    /// <summary>The token of a query row of a key and value head, token after token; rows past the last count as the last.</summary>
    public readonly int TokenOf(int row) => Last(row) / QueriesPerKey;

    /// <summary>Where a query row begins, in queries and outputs, in elements.</summary>
    public readonly long StartOf(int head, int row)
    {
        int known = Last(row);
        int token = known / QueriesPerKey;
        int query = (head * QueriesPerKey) + known - (token * QueriesPerKey);
        return (((long)token * KeyValueHeadCount * QueriesPerKey) + query) * HeadSize;
    }

    private readonly int Last(int row) => IntrinsicMath.Min(row, RowCount - 1);
}
