namespace KBitQuant.Transformers.Models;

/// <summary>Which linear layers of a model have a bias.</summary>
[Flags]
public enum LinearBiases
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>The projections to queries, keys and values.</summary>
    Qkv = 1,

    /// <summary>The projection of the attention's output.</summary>
    AttentionOutput = 2,

    /// <summary>All of the attention's projections.</summary>
    Attention = Qkv | AttentionOutput,

    /// <summary>The layers of the feed-forward network.</summary>
    FeedForward = 4,
}
