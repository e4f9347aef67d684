namespace KBitQuant.Transformers.Models.Families;

/// <summary>GPT-NeoX and Pythia: LayerNorm, parallel residual, a quarter of each head rotated, biases everywhere.</summary>
internal static class GptNeoX
{
    private const string Layer = $"gpt_neox.layers.{WeightNames.LayerPlaceholder}.";

    public static ModelFamily Family { get; } = new()
    {
        ModelType = "gpt_neox",
        Norm = NormKind.LayerNorm,
        NormEpsilon = 1e-5f,
        IsParallel = true,
        RotaryFraction = 0.25f,
        Biases = LinearBiases.Attention | LinearBiases.FeedForward,
        QkvLayout = QkvLayout.FusedPerHead,
        Names = new()
        {
            Embedding = "gpt_neox.embed_in",
            AttentionNorm = $"{Layer}input_layernorm",
            Qkv = [$"{Layer}attention.query_key_value"],
            AttentionOutput = $"{Layer}attention.dense",
            FeedForwardNorm = $"{Layer}post_attention_layernorm",
            Up = $"{Layer}mlp.dense_h_to_4h",
            Down = $"{Layer}mlp.dense_4h_to_h",
            FinalNorm = "gpt_neox.final_layer_norm",
            Head = "embed_out",
        },
    };
}
