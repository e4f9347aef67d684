namespace KBitQuant.Transformers.Models;

/// <summary>
/// The names of a family's modules in a checkpoint, to which <c>.weight</c> and <c>.bias</c> are added. In those of a layer,
/// <c>{layer}</c> stands for its number.
/// </summary>
public sealed record WeightNames
{
    /// <summary>What stands for the number of a layer.</summary>
    internal const string LayerPlaceholder = "{layer}";

    /// <summary>The token embeddings.</summary>
    public required string Embedding { get; init; }

    /// <summary>The normalization before the attention.</summary>
    public required string AttentionNorm { get; init; }

    /// <summary>The projections to queries, keys and values: one name or three, as <see cref="ModelFamily.QkvLayout"/> has
    /// it.</summary>
    public required IReadOnlyList<string> Qkv { get; init; }

    /// <summary>The projection of the attention's output.</summary>
    public required string AttentionOutput { get; init; }

    /// <summary>The normalization before the feed-forward network.</summary>
    public required string FeedForwardNorm { get; init; }

    /// <summary>The gate of the feed-forward network; null where it has none.</summary>
    public string? Gate { get; init; }

    /// <summary>The projection to the wide layer of the feed-forward network.</summary>
    public required string Up { get; init; }

    /// <summary>The projection back from it.</summary>
    public required string Down { get; init; }

    /// <summary>The normalization after the last layer.</summary>
    public required string FinalNorm { get; init; }

    /// <summary>The output head; not in the checkpoint where embeddings are tied.</summary>
    public required string Head { get; init; }
}
