using System.Collections.Immutable;
using System.Numerics.Tensors;
using KBitQuant.DataTypes;
using KBitQuant.Quantization;
using KBitQuant.Transformers.Checkpoints;
using KBitQuant.Transformers.Models;

namespace KBitQuant.Transformers.Tests.Models;

public class TransformerModelTests
{
    private const float UnitRoundoff = 1f / (1 << 24);

    [Theory]
    [MemberData(nameof(SampleConfigs.Names), MemberType = typeof(SampleConfigs))]
    public void OneByOneAndTogetherAreTheSame(string name)
    {
        ModelConfig config = SampleConfigs.All[name];
        using TransformerModel model = TransformerModel.Load(config, MemoryWeights.Random(config, seed: 1));
        int[] tokens = RandomTokens(config, 70);
        float[] together = ModelRun.Logits(model, tokens);

        foreach (int step in (int[])[1, 3, 64])
            AssertClose(config, together, ModelRun.Logits(model, tokens, step));
    }

    [Fact]
    public void LongInputsArePassedInPieces()
    {
        ModelConfig config = SampleConfigs.Llama;
        using TransformerModel model = TransformerModel.Load(config, MemoryWeights.Random(config, seed: 2));
        int[] tokens = RandomTokens(config, 700);
        float[] expected = ModelRun.Logits(model, tokens, 100);
        var last = new float[config.VocabularySize];
        KeyValueCache cache = model.CreateCache(700);

        AssertClose(config, expected, ModelRun.Logits(model, tokens));
        model.ForwardLast(tokens, cache, last);
        AssertClose(config, expected[^config.VocabularySize..], last);
        Assert.Equal(700, cache.Length);
        cache.Clear();
        Assert.Equal(TensorPrimitives.IndexOfMax<float>(last), model.ForwardLikeliest(tokens, cache, new float[config.VocabularySize]));
        Assert.Equal(700, cache.Length);
    }

    [Fact]
    public void OfEquallyLikelyTokensTheFirstIsTaken()
    {
        ModelConfig config = SampleConfigs.GptNeoX;
        MemoryWeights weights = MemoryWeights.Random(config, seed: 4);
        Array.Clear(weights.Tensors["embed_out.weight"].Values);
        using TransformerModel model = TransformerModel.Load(config, weights);
        using KeyValueCache cache = model.CreateCache(3);
        Assert.Equal(0, model.ForwardLikeliest([5, 6, 7], cache, new float[config.VocabularySize]));
    }

    [Fact]
    public void SequencesAreNoLongerThanTheirKeysFitAnArray()
    {
        ModelConfig config = SampleConfigs.Llama with { MaxPositions = int.MaxValue };
        using TransformerModel model = TransformerModel.Load(config, MemoryWeights.Random(config, seed: 5));
        ArgumentOutOfRangeException exception = Assert.Throws<ArgumentOutOfRangeException>(() => model.CreateCache(int.MaxValue));
        int longest = Array.MaxLength / (config.KeyValueHeadCount * config.HeadSize) / 8 * 8;
        Assert.Contains($"1 to {longest} tokens", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OptionsHaveAPlanAndADevice()
    {
        Assert.Throws<ArgumentNullException>("Plan", () => new ModelOptions { Plan = null! });
        Assert.Throws<ArgumentNullException>("Device", () => new ModelOptions { Device = null! });
    }

    [Fact]
    public void TokensSeeOnlyThoseBefore()
    {
        ModelConfig config = SampleConfigs.GptNeoX;
        using TransformerModel model = TransformerModel.Load(config, MemoryWeights.Random(config, seed: 3));
        int[] tokens = RandomTokens(config, 40);
        float[] logits = ModelRun.Logits(model, tokens);
        tokens[30] = (tokens[30] + 1) % config.VocabularySize;
        float[] changed = ModelRun.Logits(model, tokens);

        int row = config.VocabularySize;
        Assert.Equal(logits[..(30 * row)], changed[..(30 * row)]);
        for (int i = 30; i < 40; i++)
            Assert.NotEqual(logits[(i * row)..((i + 1) * row)], changed[(i * row)..((i + 1) * row)]);
    }

    [Fact]
    public async Task SequencesRunAtOnce()
    {
        ModelConfig config = SampleConfigs.GptNeoX;
        using TransformerModel model = TransformerModel.Load(config, MemoryWeights.Random(config, seed: 4));
        int[] tokens = RandomTokens(config, 60);
        float[] expected = ModelRun.Logits(model, tokens, 20);

        float[][] results = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => ModelRun.Logits(model, tokens, 20))));

        Assert.All(results, result => Assert.Equal(expected, result));
    }

    [Fact]
    public void ACacheCanBeCleared()
    {
        using TransformerModel model = TransformerModel.Load(SampleConfigs.Llama, MemoryWeights.Random(SampleConfigs.Llama, seed: 5));
        KeyValueCache cache = model.CreateCache(3);
        Assert.Equal(3, cache.Capacity);
        var first = new float[37];
        var second = new float[37];

        model.ForwardLast([1, 2, 3], cache, first);
        cache.Clear();
        model.ForwardLast([1, 2, 3], cache, second);

        Assert.Equal(first, second);
        Assert.Equal(3, cache.Length);
    }

    [Fact]
    public void BadArgumentsAreRefused()
    {
        using TransformerModel model = TransformerModel.Load(SampleConfigs.Llama, MemoryWeights.Random(SampleConfigs.Llama, seed: 6));
        using TransformerModel other = TransformerModel.Load(SampleConfigs.Llama, MemoryWeights.Random(SampleConfigs.Llama, seed: 8));
        KeyValueCache cache = model.CreateCache(4);
        var logits = new float[37];

        string Refuse(int[] tokens, KeyValueCache sequence, int length) =>
            Assert.Throws<ArgumentException>(() => model.ForwardLast(tokens, sequence, new float[length])).Message;

        Assert.Contains("0 to 36; number 1 is 37", Refuse([0, 37], cache, 37), StringComparison.Ordinal);
        Assert.Contains("number 0 is -1", Refuse([-1], cache, 37), StringComparison.Ordinal);
        Assert.Contains("At least one", Refuse([], cache, 37), StringComparison.Ordinal);
        Assert.Contains("0 of at most 4 tokens; 5 more", Refuse([1, 2, 3, 4, 5], cache, 37), StringComparison.Ordinal);
        Assert.Contains("another model", Refuse([1], other.CreateCache(4), 37), StringComparison.Ordinal);
        Assert.Contains("37 elements", Refuse([1], cache, 38), StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => model.Forward([1, 2], cache, logits));
        Assert.Throws<ArgumentOutOfRangeException>(() => model.CreateCache(0));
        Assert.Contains("700", Assert.Throws<ArgumentOutOfRangeException>(() => model.CreateCache(701)).Message, StringComparison.Ordinal);
        Assert.Equal(0, cache.Length);
        cache.Dispose();
        cache.Dispose();
        Assert.Throws<ObjectDisposedException>(cache.Clear);
        Assert.Contains("Cache", Assert.Throws<ObjectDisposedException>(() => model.ForwardLast([1], cache, logits)).Message, StringComparison.Ordinal);
        using KeyValueCache fresh = model.CreateCache(4);
        model.Dispose();
        Assert.Throws<ObjectDisposedException>(() => model.ForwardLast([1], fresh, logits));
        Assert.Throws<ObjectDisposedException>(() => model.CreateCache(4));
    }

    /// <summary>With nothing quantized, so that it is the dense layers that refuse.</summary>
    [Fact]
    public void AModelThatOutlivesItsDeviceIsRefused()
    {
        var device = new Compute.Cpu.CpuDevice(2);
        using TransformerModel model = TransformerModel.Load(
            SampleConfigs.Llama, MemoryWeights.Random(SampleConfigs.Llama, seed: 6), new() { Device = device });
        using KeyValueCache cache = model.CreateCache(4);
        device.Dispose();
        string message = Assert.Throws<ObjectDisposedException>(() => model.ForwardLast([1], cache, new float[37])).Message;
        Assert.Contains(device.Name, message, StringComparison.Ordinal);
        Assert.Throws<ObjectDisposedException>(() => KBitQuant.Transformers.Evaluation.Perplexity.Evaluate(model, new int[4], window: 2));
        Assert.Equal(0, cache.Length);
    }

    [Fact]
    public void WrongShapesAreNamed()
    {
        MemoryWeights weights = MemoryWeights.Random(SampleConfigs.Llama, seed: 7);
        const string Name = "model.layers.1.mlp.down_proj.weight";
        (ImmutableArray<long> _, float[] values) = weights.Tensors[Name];
        weights.Tensors[Name] = ([51, 36], values);

        string message = Assert.Throws<CheckpointFormatException>(() => TransformerModel.Load(SampleConfigs.Llama, weights)).Message;

        Assert.Contains($"'{Name}' has shape [51, 36]", message, StringComparison.Ordinal);
        Assert.Contains("[36, 51]", message, StringComparison.Ordinal);
        weights.Tensors.Remove(Name);
        message = Assert.Throws<CheckpointFormatException>(() => TransformerModel.Load(SampleConfigs.Llama, weights)).Message;
        Assert.Contains(Name, message, StringComparison.Ordinal);
        Assert.Contains("missing", message, StringComparison.Ordinal);
    }

    /// <summary>Kernels would read beyond what there is.</summary>
    [Fact]
    public void SourcesThatGiveOtherNumbersOfValuesThanTheirShapesAreNamed()
    {
        foreach (string name in (string[])["model.embed_tokens.weight", "model.layers.1.mlp.down_proj.weight", "model.norm.weight"])
        {
            MemoryWeights weights = MemoryWeights.Random(SampleConfigs.Llama, seed: 7);
            weights.Tensors[name] = (weights.Tensors[name].Shape, weights.Tensors[name].Values[1..]);
            Assert.Contains(name, Assert.Throws<CheckpointFormatException>(() => TransformerModel.Load(SampleConfigs.Llama, weights)).Message, StringComparison.Ordinal);
        }

        const string Stored = "model.layers.0.mlp.up_proj.weight";
        MemoryWeights quantized = MemoryWeights.Random(SampleConfigs.Llama, seed: 7);
        quantized.Quantized[Stored] = BlockwiseQuantizer.Quantize<float>(quantized.Tensors[Stored].Values, 36, 51, new(DataTypeCatalog.Get("nf4")));
        Assert.Contains("[36, 51] nf4", Assert.Throws<CheckpointFormatException>(() => TransformerModel.Load(SampleConfigs.Llama, quantized)).Message, StringComparison.Ordinal);
    }

    /// <summary>In whichever order they are loaded.</summary>
    [Theory]
    [InlineData("model.layers.0.self_attn.q_proj.weight")]
    [InlineData("model.layers.1.mlp.down_proj.weight")]
    public void TheErrorIsUnknownWhereAnyWeightIsStoredQuantized(string name)
    {
        QuantizationScheme scheme = new(DataTypeCatalog.Get("nf4"));
        MemoryWeights weights = MemoryWeights.Random(SampleConfigs.Llama, seed: 7);
        (ImmutableArray<long> shape, float[] values) = weights.Tensors[name];
        weights.Quantized[name] = BlockwiseQuantizer.Quantize<float>(values, (int)shape[0], (int)shape[1], scheme);
        var plan = new QuantizationPlan([new(name, null), new("*", scheme)]);

        using TransformerModel model = TransformerModel.Load(SampleConfigs.Llama, weights, new() { Plan = plan });

        Assert.Null(model.RelativeError);
    }

    /// <summary>A bias that nothing would add is not passed over.</summary>
    [Theory]
    [InlineData("model.layers.0.self_attn.q_proj.bias")]
    [InlineData("model.layers.1.mlp.up_proj.bias")]
    [InlineData("model.norm.bias")]
    public void BiasesThatTheConfigurationLacksAreNamed(string name)
    {
        MemoryWeights weights = MemoryWeights.Random(SampleConfigs.Llama, seed: 7);
        weights.Tensors[name] = ([1], [0]);

        string message = Assert.Throws<CheckpointFormatException>(() => TransformerModel.Load(SampleConfigs.Llama, weights)).Message;

        Assert.Contains($"'{name}'", message, StringComparison.Ordinal);
    }

    [Fact]
    public void ProgressEndsAtOne()
    {
        var progress = new RecordedProgress();

        using TransformerModel model = TransformerModel.Load(SharedFiles.SmallModel, progress: progress);

        Assert.Equal(1, progress.Values[^1]);
        Assert.Equal(progress.Values.Order(), progress.Values);
        Assert.Equal(16 * model.Config.Tensors.Sum(tensor => tensor.ElementCount), model.Bits.Total);
        Assert.Equal(0, model.RelativeError);
    }

    [Fact]
    public void MissingFilesAreNamed()
    {
        using TemporaryFolder folder = new();
        File.Copy(Path.Combine(SharedFiles.SmallModel, "model.safetensors"), folder.File("model.safetensors"));
        Assert.Contains("config.json", Assert.Throws<FileNotFoundException>(() => TransformerModel.Load(folder.FullName)).Message, StringComparison.Ordinal);
        File.Copy(Path.Combine(SharedFiles.SmallModel, "config.json"), folder.File("config.json"));
        TransformerModel.Load(folder.File("model.safetensors")).Dispose();
        Assert.Throws<FileNotFoundException>(() => TransformerModel.Load(folder.File("nothing.bin")));
    }

    private static int[] RandomTokens(ModelConfig config, int count)
    {
        var random = new Random(count);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(config.VocabularySize))];
    }

    /// <summary>The same sums in another order: each product of length K rounds to within K u of its operands' norms, and a layer
    /// has six products, of which the longest is over the positions or the wide layer.</summary>
    private static void AssertClose(ModelConfig config, float[] expected, float[] actual)
    {
        int longest = Math.Max(config.IntermediateSize, expected.Length / config.VocabularySize);
        double tolerance = 6 * config.LayerCount * longest * UnitRoundoff;
        double error = TensorPrimitives.Distance<float>(expected, actual) / TensorPrimitives.Norm<float>(expected);
        Assert.InRange(error, 0, tolerance);
    }
}
