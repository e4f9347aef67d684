using KBitQuant.DataTypes;
using KBitQuant.Transformers.Checkpoints;
using KBitQuant.Transformers.Evaluation;
using KBitQuant.Transformers.Generation;
using KBitQuant.Transformers.Models;
using KBitQuant.Transformers.Tokenization;

namespace KBitQuant.Transformers.Tests.Models;

/// <summary>What takes long stops where it is told to, and leaves what it works on as it was.</summary>
public sealed class CancellationTests : IDisposable
{
    private static readonly QuantizationPlan Plan = QuantizationPlan.Linear(new(DataTypeCatalog.Get("nf4")));

    private readonly CancellationTokenSource _cancellation = new();

    public void Dispose() => _cancellation.Dispose();

    [Fact]
    public void Loading_stops_between_tensors()
    {
        var progress = new CancelAt(_cancellation, reports: 3);
        Assert.Throws<OperationCanceledException>(() => TransformerModel.Load(SharedFiles.SmallModel, new() { Plan = Plan }, progress, _cancellation.Token));
        Assert.Equal(3, progress.Reports);
    }

    [Fact]
    public void Loading_to_a_gpu_stops_between_tensors()
    {
        using var device = Compute.Gpu.GpuDevice.OpenEmulated();
        var progress = new CancelAt(_cancellation, reports: 3);
        Assert.Throws<OperationCanceledException>(() => TransformerModel.Load(
            SampleConfigs.Llama, MemoryWeights.Random(SampleConfigs.Llama, seed: 1), new() { Device = device }, progress, _cancellation.Token));
        Assert.Equal(3, progress.Reports);
    }

    [Fact]
    public void Quantizing_stops_between_weights()
    {
        using Checkpoint source = Checkpoint.Open(SharedFiles.SmallModel);
        var progress = new CancelAt(_cancellation, reports: 2);
        Assert.Throws<OperationCanceledException>(() => ModelQuantizer.Quantize(
            ModelConfig.Load(SharedFiles.SmallModel), source, Plan, null, progress, _cancellation.Token));
        Assert.Equal(2, progress.Reports);
    }

    [Fact]
    public void An_evaluation_stops_between_windows()
    {
        using var device = new Compute.Cpu.CpuDevice(1);
        using TransformerModel model = TransformerModel.Load(SharedFiles.SmallModel, new() { Device = device });
        var progress = new CancelAt(_cancellation, reports: 2);
        Assert.Throws<OperationCanceledException>(() => Perplexity.Evaluate(model, new int[100], window: 10, progress, _cancellation.Token));
        Assert.Equal(2, progress.Reports);
    }

    [Fact]
    public void A_sweep_stops_within_a_scheme()
    {
        var progress = new CancelAt(_cancellation, reports: 1);
        Assert.Throws<OperationCanceledException>(() => QualitySweep.Run(SharedFiles.SmallModel, new int[40], [null, null], progress, _cancellation.Token));
        Assert.Equal(1, progress.Reports);
    }

    /// <summary>Cancelled in the second of two passes.</summary>
    [Theory]
    [InlineData("all logits")]
    [InlineData("last logits")]
    [InlineData("likeliest")]
    public void A_pass_stops_between_layers_and_leaves_the_cache_as_it_was(string wanted)
    {
        ModelConfig config = SampleConfigs.Llama;
        int products = 0, last = int.MaxValue;
        using var device = new OwnDevice(() =>
        {
            if (++products == last)
                _cancellation.Cancel();
        });
        var options = new ModelOptions { Plan = Plan, Device = device };
        using TransformerModel model = TransformerModel.Load(config, MemoryWeights.Random(config, seed: 1), options);
        Assert.Equal(["own"], model.KernelNames);
        using KeyValueCache cache = model.CreateCache(650);
        int[] tokens = [.. Enumerable.Range(0, 600).Select(i => i % config.VocabularySize)];
        var expected = new float[config.VocabularySize];
        model.ForwardLast(tokens, cache, expected);
        int needed = products;
        cache.Clear();
        model.ForwardLast([1, 2], cache, new float[config.VocabularySize]);
        products = 0;
        last = (needed / 2) + 2;

        Assert.Throws<OperationCanceledException>(() =>
        {
            if (wanted == "all logits")
                model.Forward(tokens, cache, new float[tokens.Length * config.VocabularySize], _cancellation.Token);
            else if (wanted == "last logits")
                model.ForwardLast(tokens, cache, new float[config.VocabularySize], _cancellation.Token);
            else
                model.ForwardLikeliest(tokens, cache, new float[config.VocabularySize], _cancellation.Token);
        });

        Assert.InRange(products, last, needed - 1);
        Assert.Equal(2, cache.Length);
        cache.Clear();
        var again = new float[config.VocabularySize];
        model.ForwardLast(tokens, cache, again);
        Assert.Equal(expected, again);
    }

    [Fact]
    public void A_pass_on_a_gpu_that_is_cancelled_leaves_the_cache_as_it_was()
    {
        ModelConfig config = SampleConfigs.Llama;
        using var device = Compute.Gpu.GpuDevice.OpenEmulated();
        using TransformerModel model = TransformerModel.Load(config, MemoryWeights.Random(config, seed: 1), new() { Device = device });
        using KeyValueCache cache = model.CreateCache(8);
        var logits = new float[config.VocabularySize];
        model.ForwardLast([1, 2], cache, logits);
        _cancellation.Cancel();
        Assert.Throws<OperationCanceledException>(() => model.ForwardLast([3, 4], cache, logits, _cancellation.Token));
        Assert.Throws<OperationCanceledException>(() => model.ForwardLast([3], cache, logits, _cancellation.Token));
        Assert.Equal(2, cache.Length);
    }

    [Fact]
    public void A_text_ends_at_the_next_token()
    {
        using TransformerModel model = TransformerModel.Load(SharedFiles.SmallModel);
        var generator = new TextGenerator(model, TextTokenizer.Load(SharedFiles.SmallModel));
        int pieces = 0;
        Assert.Throws<OperationCanceledException>(() =>
        {
            foreach (string _ in generator.Generate("The", cancellationToken: _cancellation.Token))
            {
                pieces++;
                _cancellation.Cancel();
            }
        });
        Assert.Equal(1, pieces);
        Assert.Throws<OperationCanceledException>(() => generator.GenerateTokens([1], cancellationToken: _cancellation.Token).First());
    }
}
