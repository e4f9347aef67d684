using KBitQuant.DataTypes;
using KBitQuant.Quantization;
using KBitQuant.Transformers.Models;

namespace KBitQuant.Transformers.Tests.Models;

public class QuantizationPlanTests
{
    private static readonly QuantizationScheme Nf4 = new(DataTypeCatalog.Get("nf4"));
    private static readonly QuantizationScheme Int8 = new(DataTypeCatalog.Get("int8"));

    [Fact]
    public void LinearTakesEveryLinearLayerButTheHead()
    {
        ModelConfig config = SampleConfigs.GptNeoX;
        Assert.All(config.Tensors, tensor =>
        {
            Assert.Equal(tensor.Role == TensorRole.Linear ? Nf4 : null, QuantizationPlan.Linear(Nf4).SchemeFor(tensor));
            bool isTaken = tensor.Role is TensorRole.Linear or TensorRole.Head;
            Assert.Equal(isTaken ? Nf4 : null, QuantizationPlan.Linear(Nf4, includeHead: true).SchemeFor(tensor));
            Assert.Null(QuantizationPlan.None.SchemeFor(tensor));
        });
        Assert.Equal(8, config.Tensors.Count(tensor => tensor.Role == TensorRole.Linear));
        Assert.Equal("embed_out.weight", Assert.Single(config.Tensors, tensor => tensor.Role == TensorRole.Head).Name);
    }

    [Fact]
    public void ARuleIsNotNull() => Assert.Throws<ArgumentException>("rules", () => new QuantizationPlan([new("*", Nf4), null!]));

    [Fact]
    public void TheFirstRuleThatMatchesDecides()
    {
        var plan = new QuantizationPlan([new("*.layers.0.*", null), new("*.down_proj.weight", Int8), new("model.layers.?.mlp.*", Nf4)]);
        Dictionary<string, QuantizationScheme?> schemes = SampleConfigs.Llama.Tensors.ToDictionary(tensor => tensor.Name, plan.SchemeFor);

        Assert.Equal(["*.layers.0.*", "*.down_proj.weight", "model.layers.?.mlp.*"], plan.Rules.Select(rule => rule.Pattern));
        Assert.Null(schemes["model.layers.0.mlp.down_proj.weight"]);
        Assert.Equal(Int8, schemes["model.layers.1.mlp.down_proj.weight"]);
        Assert.Equal(Nf4, schemes["model.layers.1.mlp.gate_proj.weight"]);
        Assert.Null(schemes["model.layers.1.self_attn.q_proj.weight"]);
        Assert.Null(schemes["model.layers.1.input_layernorm.weight"]);
    }

    [Theory]
    [InlineData("gpt_neox.embed_in.weight", false)]
    [InlineData("gpt_neox.final_layer_norm.weight", true)]
    [InlineData("embed_out.weight", false)]
    [InlineData("gpt_neox.layers.2.mlp.dense_h_to_4h.weight", true)]
    [InlineData("nonsense", true)]
    public void NamesThatCannotBeQuantizedAreRefused(string name, bool includeHead)
    {
        ModelConfig config = SampleConfigs.GptNeoX;
        var plan = new QuantizationPlan([new(name, Nf4)], includeHead);
        string message = Assert.Throws<ArgumentException>(() => TransformerModel.Load(config, MemoryWeights.Random(config, 1), new() { Plan = plan })).Message;
        Assert.Contains($"'{name}'", message, StringComparison.Ordinal);
    }

    [Fact]
    public void NamesCanBeLeft()
    {
        ModelConfig config = SampleConfigs.GptNeoX;
        new QuantizationPlan([new("gpt_neox.embed_in.weight", null), new("*", Nf4)]).ThrowIfNotFor(config);
        new QuantizationPlan([new("embed_out.weight", Nf4)], includeHead: true).ThrowIfNotFor(config);
    }

    [Fact]
    public void TiedHeadsAreEmbeddings()
    {
        Assert.DoesNotContain(SampleConfigs.Llama.Tensors, tensor => tensor.Role == TensorRole.Head);
        var plan = new QuantizationPlan([new("model.embed_tokens.weight", Nf4)], includeHead: true);
        Assert.Throws<ArgumentException>(() => plan.ThrowIfNotFor(SampleConfigs.Llama));
    }
}
