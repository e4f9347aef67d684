using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Xunit;
using KBitQuant.Transformers.Checkpoints;
using KBitQuant.Transformers.Models;

namespace KBitQuant.Transformers.Tests.Models;

public class ModelConfigTests
{
    private const string OldNeoX = """
        {"model_type":"gpt_neox","hidden_act":"gelu_new","hidden_size":512,"num_attention_heads":8,"num_hidden_layers":6,"vocab_size":50304,
         "intermediate_size":2048,"max_position_embeddings":2048,"layer_norm_eps":1e-6,"rotary_pct":0.5,"rotary_emb_base":5000,
         "use_parallel_residual":false,"eos_token_id":0}
        """;

    private const string OldLlama = """
        {"model_type":"llama","hidden_act":"silu","hidden_size":4096,"num_attention_heads":32,"num_hidden_layers":32,"vocab_size":128256,
         "num_key_value_heads":8,"intermediate_size":14336,"max_position_embeddings":131072,"rms_norm_eps":1e-5,"rope_theta":500000.0,
         "rope_scaling":{"factor":8.0,"low_freq_factor":1.0,"high_freq_factor":4.0,"original_max_position_embeddings":8192,"rope_type":"llama3"},
         "tie_word_embeddings":true,"eos_token_id":[128001,128008],"head_dim":null}
        """;

    [Fact]
    public void OldNeoXSpellings()
    {
        ModelConfig config = Read(OldNeoX);
        Assert.Same(ModelFamily.Get("gpt_neox"), config.Family);
        Assert.Equal(new RotaryConfig(5000, 32), config.Rotary);
        Assert.Equal((64, 8, 1e-6f, false, false), (config.HeadSize, config.KeyValueHeadCount, config.NormEpsilon, config.IsParallel, config.HasTiedEmbeddings));
        Assert.Equal("gelu_new", config.Activation.Name);
        Assert.Equal([0], config.EndTokens);
    }

    [Fact]
    public void OldLlamaSpellings()
    {
        ModelConfig config = Read(OldLlama);
        Assert.Equal(new RotaryConfig(500000, 128, new RotaryScaling(8, 1, 4, 8192)), config.Rotary);
        Assert.Equal((128, 8, true), (config.HeadSize, config.KeyValueHeadCount, config.HasTiedEmbeddings));
        Assert.Equal(LinearBiases.None, config.Biases);
        Assert.Equal([128001, 128008], config.EndTokens);
    }

    [Fact]
    public void NewSpellings()
    {
        ModelConfig neox = ModelConfig.Load(SharedFiles.SmallModel);
        Assert.Equal(new RotaryConfig(10000, 4), neox.Rotary);
        Assert.Equal((true, LinearBiases.Attention | LinearBiases.FeedForward), (neox.IsParallel, neox.Biases));
        ModelConfig llama = ModelConfig.Load(Path.Combine(SharedFiles.TinyLlama, "config.json"));
        Assert.Equal(new RotaryConfig(500000, 16, new RotaryScaling(8, 1, 4, 32)), llama.Rotary);
    }

    [Fact]
    public void FamiliesLikeLlamaDifferInWhatTheyDo()
    {
        ModelConfig qwen = Read(With(OldLlama, "model_type", "qwen2"));
        Assert.Equal(LinearBiases.Qkv, qwen.Biases);
        Assert.Contains(qwen.Tensors, tensor => tensor is { Name: "model.layers.31.self_attn.k_proj.bias", Role: TensorRole.Bias, Shape: [1024] });
        string mistral = With(OldLlama, "model_type", "mistral");
        Assert.Equal(LinearBiases.None, Read(mistral).Biases);
    }

    /// <summary>Families whose configurations have no such keys are not changed by them.</summary>
    [Theory]
    [InlineData("llama", LinearBiases.Attention, LinearBiases.FeedForward)]
    [InlineData("qwen2", LinearBiases.Qkv, LinearBiases.Qkv)]
    [InlineData("mistral", LinearBiases.None, LinearBiases.None)]
    public void BiasesAreTheFamilysOrTheConfigurations(string family, LinearBiases attention, LinearBiases feedForward)
    {
        string json = With(OldLlama, "model_type", family);
        Assert.Equal(attention, Read(With(json, "attention_bias", true)).Biases);
        Assert.Equal(feedForward, Read(With(json, "mlp_bias", true)).Biases);
    }

    /// <summary>Sequences within the window are computed rightly, longer ones would not be.</summary>
    [Theory]
    [InlineData("mistral", null, 4096)]
    [InlineData("mistral", false, 4096)]
    [InlineData("qwen2", null, 131072)]
    [InlineData("qwen2", false, 131072)]
    [InlineData("qwen2", true, 4096)]
    public void SequencesAreWithinTheWindowOfTheAttention(string family, bool? isLimited, int expected)
    {
        string json = With(With(OldLlama, "model_type", family), "sliding_window", 4096);
        Assert.Equal(expected, Read(isLimited is { } value ? With(json, "use_sliding_window", value) : json).MaxPositions);
        Assert.Equal(131072, Read(Without(json, "sliding_window")).MaxPositions);
        Assert.Equal(131072, Read(With(json, "sliding_window", 200000)).MaxPositions);
    }

    [Theory]
    [InlineData("mistral", "full_attention", 4096)]
    [InlineData("qwen2", "full_attention", 131072)]
    [InlineData("qwen2", "sliding_attention", 4096)]
    public void LayersSayWhetherTheyAreLimited(string family, string type, int expected)
    {
        string json = With(With(OldLlama, "model_type", family), "sliding_window", 4096);
        Assert.Equal(expected, Read(With(json, "layer_types", new JsonArray("full_attention", type))).MaxPositions);
    }

    [Fact]
    public void DefaultsComeFromTheFamily()
    {
        ModelConfig config = Read(Without(OldNeoX, "rotary_pct", "rotary_emb_base", "use_parallel_residual", "layer_norm_eps", "eos_token_id"));
        Assert.Equal(new RotaryConfig(10000, 16), config.Rotary);
        Assert.Equal((true, 1e-5f), (config.IsParallel, config.NormEpsilon));
        Assert.Empty(config.EndTokens);
    }

    [Theory]
    [InlineData("hidden_size")]
    [InlineData("num_attention_heads")]
    [InlineData("num_hidden_layers")]
    [InlineData("vocab_size")]
    [InlineData("intermediate_size")]
    [InlineData("max_position_embeddings")]
    public void MissingKeysAreNamed(string key)
    {
        Assert.Contains($"'{key}'", Refuse(Without(OldLlama, key)), StringComparison.Ordinal);
        Assert.Contains(key, Refuse(With(OldLlama, key, 0)), StringComparison.Ordinal);
        Assert.Contains(key, Refuse(With(OldLlama, key, -5)), StringComparison.Ordinal);
        Refuse(With(OldLlama, key, 1L << 40));
        Refuse(With(OldLlama, key, 1.5));
        Refuse(With(OldLlama, key, "8"));
    }

    [Fact]
    public void MessagesSayWhatIsAllowed()
    {
        Assert.EndsWith("config.json: 'vocab_size' is missing; it is needed.", Refuse(Without(OldLlama, "vocab_size")));
        Assert.EndsWith("'vocab_size' is \"8\"; an integer of 32 bits is allowed.", Refuse(With(OldLlama, "vocab_size", "8")));
        Assert.EndsWith("'num_hidden_layers' is 5000; 1 to 4096 is allowed.", Refuse(With(OldLlama, "num_hidden_layers", 5000)));
        Assert.EndsWith("'rope_theta' is 0; a number above 0 is allowed.", Refuse(With(OldLlama, "rope_theta", 0)));
        Assert.EndsWith("'tie_word_embeddings' is 1; true or false is allowed.", Refuse(With(OldLlama, "tie_word_embeddings", 1)));
        string factor = OldLlama.Replace("\"factor\":8.0,", "", StringComparison.Ordinal);
        Assert.EndsWith("'rope_scaling.factor' is missing; it is needed.", Refuse(factor));
        Assert.EndsWith("'rope_scaling.high_freq_factor' is 0.5; a number above 1 is allowed.",
            Refuse(OldLlama.Replace("\"high_freq_factor\":4.0", "\"high_freq_factor\":0.5", StringComparison.Ordinal)));
        Assert.EndsWith("'rope_scaling.factor' is 1e999; a number from 1 on is allowed.",
            Refuse(OldLlama.Replace("\"factor\":8.0", "\"factor\":1e999", StringComparison.Ordinal)));
        Assert.Contains("config.json: not valid JSON: ", Refuse("{"), StringComparison.Ordinal);
        Assert.EndsWith("config.json: the document is an array; an object is allowed.", Refuse("[]"));
    }

    [Theory]
    [InlineData("num_hidden_layers", 5000)]
    [InlineData("num_attention_heads", 7)]
    [InlineData("num_key_value_heads", 5)]
    [InlineData("num_key_value_heads", 64)]
    [InlineData("head_dim", 1)]
    [InlineData("head_dim", 1 << 20)]
    [InlineData("hidden_size", (1 << 20) + 32)]
    [InlineData("intermediate_size", (1 << 20) + 1)]
    [InlineData("rope_theta", 0)]
    [InlineData("partial_rotary_factor", 1.5)]
    [InlineData("partial_rotary_factor", -1)]
    [InlineData("partial_rotary_factor", 0.0078125)]
    [InlineData("partial_rotary_factor", 0.5)]
    [InlineData("rms_norm_eps", -1)]
    [InlineData("tie_word_embeddings", 1)]
    [InlineData("eos_token_id", 0.5)]
    public void ValuesOutOfRangeAreRefused(string key, double value) => Refuse(With(OldLlama, key, value));

    [Fact]
    public void FusedProjectionsHaveAHeadOfKeysForEachOfQueries() =>
        Assert.Contains("as many key and value heads", Refuse(With(OldNeoX, "num_key_value_heads", 1)), StringComparison.Ordinal);

    [Fact]
    public void UnknownThingsListTheKnown()
    {
        Assert.Contains("'mamba' cannot be run; gpt_neox, llama, mistral, qwen2 can", Unknown(With(OldLlama, "model_type", "mamba")), StringComparison.Ordinal);
        Assert.Contains("'mish'; there are gelu", Unknown(With(OldLlama, "hidden_act", "mish")), StringComparison.Ordinal);
        Assert.Contains("'yarn'", Unknown(With(OldLlama, "rope_scaling", new JsonObject { ["type"] = "yarn", ["factor"] = 2 })), StringComparison.Ordinal);
        Assert.Contains("'factor'", Unknown(With(OldLlama, "rope_scaling", new JsonObject { ["factor"] = 2 })), StringComparison.Ordinal);
        Assert.Contains("'linear_attention'", Unknown(With(OldLlama, "layer_types", new JsonArray("linear_attention"))), StringComparison.Ordinal);
        Assert.Contains("is_causal", Unknown(With(OldLlama, "is_causal", false)), StringComparison.Ordinal);
        JsonObject gptq = new() { ["quant_method"] = "gptq" };
        Assert.Contains("by gptq (quantization_config)", Unknown(With(OldLlama, "quantization_config", gptq)), StringComparison.Ordinal);
        Assert.Throws<CheckpointFormatException>(() => Read(Without(OldLlama, "model_type")));
        Assert.Throws<FileNotFoundException>(() => ModelConfig.Load("no such folder"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"model_type\":3}")]
    [InlineData("{\"model_type\":\"llama\",\"model_type\":\"llama\"}")]
    public void OtherDocumentsAreRefused(string json) => Assert.Throws<CheckpointFormatException>(() => Read(json));

    [Property(MaxTest = 300)]
    public void DamagedDocumentsGiveClearExceptions(NonNegativeInt position, byte value, bool isNew)
    {
        byte[] bytes = isNew ? File.ReadAllBytes(Path.Combine(SharedFiles.TinyLlama, "config.json")) : Encoding.UTF8.GetBytes(OldNeoX);
        bytes[position.Get % bytes.Length] = value;
        try
        {
            Assert.NotEmpty(Read(bytes).Tensors);
        }
        catch (Exception exception) when (exception is CheckpointFormatException or NotSupportedException)
        {
            Assert.NotEmpty(exception.Message);
        }
    }

    private static string Without(string json, params string[] keys)
    {
        JsonObject root = JsonNode.Parse(json)!.AsObject();
        foreach (string key in keys)
            root.Remove(key);
        return root.ToJsonString();
    }

    private static string With(string json, string key, JsonNode value)
    {
        JsonObject root = JsonNode.Parse(json)!.AsObject();
        root[key] = value;
        return root.ToJsonString();
    }

    private static string Refuse(string json) => Assert.Throws<CheckpointFormatException>(() => Read(json)).Message;

    private static string Unknown(string json) => Assert.Throws<NotSupportedException>(() => Read(json)).Message;

    private static ModelConfig Read(string json) => Read(Encoding.UTF8.GetBytes(json));

    private static ModelConfig Read(byte[] json)
    {
        using TemporaryFolder folder = new();
        folder.Write("config.json", json);
        return ModelConfig.Load(folder.FullName);
    }
}
