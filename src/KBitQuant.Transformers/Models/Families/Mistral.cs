namespace KBitQuant.Transformers.Models.Families;

/// <summary>Mistral: Llama whose attention may be limited to a window (<c>sliding_window</c>).</summary>
internal static class Mistral
{
    public static ModelFamily Family { get; } = Llama.Family with { ModelType = "mistral", HasBiasKeys = false, IsAlwaysLimited = true };
}
