namespace KBitQuant.Transformers.Models.Families;

/// <summary>Qwen 2 and 2.5: Llama with biases on queries, keys and values.</summary>
internal static class Qwen2
{
    public static ModelFamily Family { get; } = Llama.Family with { ModelType = "qwen2", Biases = LinearBiases.Qkv, HasBiasKeys = false };
}
