using KBitQuant.DataTypes;
using KBitQuant.Transformers.Models;

namespace KBitQuant.Transformers.Tests.Models;

/// <summary>Configurations that a caller makes are checked as those of files are.</summary>
public class ModelConfigCheckTests
{
    public static TheoryData<string, Func<ModelConfig, ModelConfig>> Impossible => new()
    {
        { "VocabularySize", config => config with { VocabularySize = 0 } },
        { "HiddenSize", config => config with { HiddenSize = -36 } },
        { "LayerCount", config => config with { LayerCount = int.MaxValue } },
        { "HeadCount", config => config with { HeadCount = 0 } },
        { "HeadSize", config => config with { HeadSize = 0 } },
        { "HeadCount times HeadSize", config => config with { HeadCount = 1 << 20, HeadSize = 1 << 20 } },
        { "KeyValueHeadCount", config => config with { KeyValueHeadCount = 0 } },
        { "KeyValueHeadCount", config => config with { KeyValueHeadCount = 12 } },
        { "4 by 6", config => config with { KeyValueHeadCount = 4 } },
        { "2 and 6", config => config with { Family = ModelFamily.Get("gpt_neox") } },
        { "3 names", config => config with { Family = config.Family with { QkvLayout = QkvLayout.Separate, Names = ModelFamily.Get("gpt_neox").Names } } },
        { "IntermediateSize", config => config with { IntermediateSize = 0 } },
        { "MaxPositions", config => config with { MaxPositions = 0 } },
        { "NormEpsilon", config => config with { NormEpsilon = float.NaN } },
        { "Theta", config => config with { Rotary = new(0, 10) } },
        { "Theta", config => config with { Rotary = new(double.PositiveInfinity, 10) } },
        { "12 was given", config => config with { Rotary = new(10000, 12) } },
        { "5 was given", config => config with { Rotary = new(10000, 5) } },
        { "0 was given", config => config with { Rotary = new(10000, 0) } },
        { "Factor", config => config with { Rotary = new(10000, 10, new(0.5, 1, 4, 32)) } },
        { "LowFrequencyFactor", config => config with { Rotary = new(10000, 10, new(8, 0, 4, 32)) } },
        { "HighFrequencyFactor", config => config with { Rotary = new(10000, 10, new(8, 4, 4, 32)) } },
        { "OriginalMaxPositions", config => config with { Rotary = new(10000, 10, new(8, 1, 4, 0)) } },
        { "EndTokens", config => config with { EndTokens = default } },
    };

    [Theory]
    [MemberData(nameof(Impossible), DisableDiscoveryEnumeration = true)]
    public void WhatNoModelCanHaveIsNamed(string named, Func<ModelConfig, ModelConfig> change)
    {
        ModelConfig config = change(SampleConfigs.Llama);
        MemoryWeights weights = MemoryWeights.Random(SampleConfigs.Llama, seed: 1);
        QuantizationPlan plan = QuantizationPlan.Linear(new(DataTypeCatalog.Get("nf4")));

        Assert.Contains(named, Assert.Throws<ArgumentException>(() => TransformerModel.Load(config, weights)).Message, StringComparison.Ordinal);
        Assert.Contains(named, Assert.Throws<ArgumentException>(() => ModelQuantizer.Quantize(config, weights, plan)).Message, StringComparison.Ordinal);
    }
}
