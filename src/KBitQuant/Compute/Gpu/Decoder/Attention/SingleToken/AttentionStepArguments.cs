using KBitQuant.Compute.Gpu.Decoder.Rotary;

namespace KBitQuant.Compute.Gpu.Decoder.Attention.SingleToken;

/// <summary>The parameter of <see cref="AttentionStepKernel"/>: as <see cref="AttentionArguments"/>, with addresses of global memory.</summary>
internal struct AttentionStepArguments
{
    /// <summary>Heads, projections and the cache, whose capacity is a multiple of 4.</summary>
    public RotaryAddresses Heads;

    /// <summary>Receives halves, [heads, head size].</summary>
    public long Outputs;

    /// <summary>What groups that divide positions leave, floats, [row groups, splits, rows, head size + 4]; <see cref="AttentionStepResult.Missing"/> between launches.</summary>
    public long Partials;

    /// <summary>Query heads that share a key and value head.</summary>
    public int QueriesPerKey;

    /// <summary>Groups that may divide the positions of a row group.</summary>
    public int Splits;
}
