namespace KBitQuant.Transformers.Models.Families;

/// <summary>Llama 1 to 3 and models built alike: RMSNorm, gated feed-forward network, grouped-query heads, whole heads
/// rotated.</summary>
internal static class Llama
{
    private const string Layer = $"model.layers.{WeightNames.LayerPlaceholder}.";

    public static ModelFamily Family { get; } = new()
    {
        ModelType = "llama",
        Norm = NormKind.RmsNorm,
        NormEpsilon = 1e-6f,
        IsParallel = false,
        RotaryFraction = 1,
        Biases = LinearBiases.None,
        QkvLayout = QkvLayout.Separate,
        Names = new()
        {
            Embedding = "model.embed_tokens",
            AttentionNorm = $"{Layer}input_layernorm",
            Qkv = [$"{Layer}self_attn.q_proj", $"{Layer}self_attn.k_proj", $"{Layer}self_attn.v_proj"],
            AttentionOutput = $"{Layer}self_attn.o_proj",
            FeedForwardNorm = $"{Layer}post_attention_layernorm",
            Gate = $"{Layer}mlp.gate_proj",
            Up = $"{Layer}mlp.up_proj",
            Down = $"{Layer}mlp.down_proj",
            FinalNorm = "model.norm",
            Head = "lm_head",
        },
    };
}
