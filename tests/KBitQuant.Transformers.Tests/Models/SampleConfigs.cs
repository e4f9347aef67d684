using KBitQuant.Transformers.Models;

namespace KBitQuant.Transformers.Tests.Models;

/// <summary>Small models of odd sizes, to cover what families and configurations can differ in.</summary>
internal static class SampleConfigs
{
    public static ModelConfig Llama { get; } = new()
    {
        Family = ModelFamily.Get("llama"),
        VocabularySize = 37,
        HiddenSize = 36,
        LayerCount = 2,
        HeadCount = 6,
        KeyValueHeadCount = 2,
        HeadSize = 10,
        IntermediateSize = 51,
        MaxPositions = 700,
        NormEpsilon = 1e-6f,
        Activation = Activation.Get("silu"),
        Rotary = new(10000, 10, new(8, 1, 4, 32)),
        IsParallel = false,
        Biases = LinearBiases.None,
        HasTiedEmbeddings = true,
        EndTokens = [2],
    };

    public static ModelConfig GptNeoX { get; } = Llama with
    {
        Family = ModelFamily.Get("gpt_neox"),
        KeyValueHeadCount = 6,
        Activation = Activation.Get("gelu"),
        Rotary = new(10000, 4),
        IsParallel = true,
        Biases = LinearBiases.Attention | LinearBiases.FeedForward,
        HasTiedEmbeddings = false,
    };

    public static TheoryData<string> Names => new(All.Keys);

    public static IReadOnlyDictionary<string, ModelConfig> All { get; } = new Dictionary<string, ModelConfig>
    {
        ["llama"] = Llama,
        ["llama, own head, biases"] = Llama with { HasTiedEmbeddings = false, Biases = LinearBiases.Qkv | LinearBiases.FeedForward },
        ["neox"] = GptNeoX,
        ["neox, sequential, tanh"] = GptNeoX with { IsParallel = false, Activation = Activation.Get("gelu_new") },
        ["neox, no attention bias"] = GptNeoX with { Biases = LinearBiases.FeedForward, Rotary = new(500, 10) },
    };
}
