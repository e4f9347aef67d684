using System.Diagnostics;
using System.Numerics.Tensors;
using KBitQuant.DataTypes;
using KBitQuant.Quantization;
using KBitQuant.Transformers.Checkpoints;
using KBitQuant.Transformers.Evaluation;
using KBitQuant.Transformers.Models;
using KBitQuant.Transformers.Tokenization;

namespace KBitQuant.Transformers.Tests.Models;

/// <summary>Quantized models, end to end.</summary>
public class QuantizedModelTests
{
    private const double UnitRoundoff = 1.0 / (1 << 24);

    private static readonly QuantizationScheme Nf4 = new(DataTypeCatalog.Get("nf4"));

    public static TheoryData<string, int, string, BlockOffset> Schemes => new()
    {
        { "nf4", 64, "fp16", BlockOffset.None },
        { "nf4", 64, "nested", BlockOffset.None },
        { "int8", 32, "bf16", BlockOffset.None },
        { "float4", 100, "fp32", BlockOffset.None },
        { "dynamic5", 128, "fp16", BlockOffset.Mean },
        { "quantile3", 1024, "fp16", BlockOffset.None },
        { "uint4", 16, "fp16", BlockOffset.Minimum },
        { "int6", QuantizationScheme.WholeTensor, "fp16", BlockOffset.None },
        { "nf2", 64, "nested", BlockOffset.Mean },
    };

    /// <summary>A quantized model computes what a dense one computes with the dequantized weights.</summary>
    [Theory]
    [MemberData(nameof(Schemes))]
    public void ComputesWithTheDequantizedWeights(string type, int block, string constants, BlockOffset offset)
    {
        var scheme = new QuantizationScheme(DataTypeCatalog.Get(type), block)
        {
            Constants = constants == "nested" ? ConstantFormat.Float16 : ConstantFormat.Get(constants),
            Nested = constants == "nested",
            Offset = offset,
        };
        ModelConfig config = ModelConfig.Load(SharedFiles.SmallModel);
        using Checkpoint checkpoint = Checkpoint.Open(SharedFiles.SmallModel);
        MemoryWeights restored = MemoryWeights.Copy(config, checkpoint);
        BitLedger bits = Dequantize(config, restored, scheme, out double relativeError);

        using TransformerModel quantized = TransformerModel.Load(config, checkpoint, new() { Plan = QuantizationPlan.Linear(scheme) });
        using TransformerModel dense = TransformerModel.Load(config, restored);
        float[] expected = Logits(dense);
        float[] actual = Logits(quantized);

        // As in TransformerModelTests: six products a layer, the longest over the wide layer.
        double tolerance = 6 * config.LayerCount * config.IntermediateSize * UnitRoundoff;
        Assert.InRange(TensorPrimitives.Distance<float>(expected, actual) / TensorPrimitives.Norm<float>(expected), 0, tolerance);
        Assert.Equal(bits, quantized.Bits);
        Assert.Equal(relativeError, quantized.RelativeError!.Value, relativeError * 1e-6);
    }

    [Fact]
    public void PerplexityBarelyChangesAtEightBitsAndLittleAtFour()
    {
        int[] tokens = Perplexity.ReadTokens(TextTokenizer.Load(SharedFiles.SmallModel), SharedFiles.Excerpt, 4096);
        using TransformerModel dense = TransformerModel.Load(SharedFiles.SmallModel);
        using TransformerModel int8 = TransformerModel.Load(SharedFiles.SmallModel, new() { Plan = QuantizationPlan.Linear(new(DataTypeCatalog.Get("int8"))) });
        using TransformerModel nf4 = TransformerModel.Load(SharedFiles.SmallModel, new() { Plan = QuantizationPlan.Linear(Nf4) });
        using TransformerModel nf2 = TransformerModel.Load(SharedFiles.SmallModel, new() { Plan = QuantizationPlan.Linear(new(DataTypeCatalog.Get("nf2"))) });

        double[] losses = [.. new[] { dense, int8, nf4, nf2 }.Select(model => Perplexity.Evaluate(model, tokens).MeanNegativeLogLikelihood)];
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(", ", losses));

        // To second order a relative error of the weights costs its square; the square of int8's is 4e-5.
        Assert.InRange(Math.Abs(losses[1] - losses[0]), 0, 1e-3);
        Assert.InRange(losses[2] - losses[0], 1e-3, 0.15);
        Assert.InRange(losses[3] - losses[2], 0.1, 4);
        Assert.True(dense.Bits.Total > int8.Bits.Total && int8.Bits.Total > nf4.Bits.Total);
        Assert.True(int8.RelativeError < nf4.RelativeError && nf4.RelativeError < nf2.RelativeError);
    }

    [Fact]
    public void TheHeadIsQuantizedOnRequest()
    {
        using TransformerModel without = TransformerModel.Load(SharedFiles.SmallModel, new() { Plan = QuantizationPlan.Linear(Nf4) });
        using TransformerModel with = TransformerModel.Load(SharedFiles.SmallModel, new() { Plan = QuantizationPlan.Linear(Nf4, includeHead: true) });
        int head = with.Config.VocabularySize * with.Config.HiddenSize;

        Assert.Equal(BitLedger.For(head, Nf4).Total - (16L * head), with.Bits.Total - without.Bits.Total);
        Assert.NotEqual(Logits(without), Logits(with));
    }

    [Fact]
    public void StoredQuantizedWeightsAreUsedAsTheyAre()
    {
        ModelConfig config = SampleConfigs.GptNeoX;
        MemoryWeights weights = MemoryWeights.Random(config, seed: 1);
        using TransformerModel expected = TransformerModel.Load(config, weights, new() { Plan = QuantizationPlan.Linear(Nf4) });
        foreach (ModelTensor tensor in config.Tensors.Where(tensor => tensor.Role == TensorRole.Linear))
        {
            weights.Quantized.Add(tensor.Name, BlockwiseQuantizer.Quantize<float>(
                weights.ReadSingle(tensor.Name), (int)tensor.Shape[0], (int)tensor.Shape[1], Nf4));
        }

        using TransformerModel actual = TransformerModel.Load(config, weights);

        Assert.Equal(Logits(expected), Logits(actual));
        Assert.Equal(expected.Bits, actual.Bits);
        Assert.Equal([Nf4], expected.Schemes);
        Assert.Equal([Nf4], actual.Schemes);
        Assert.Null(actual.RelativeError);
        string message = Assert.Throws<ArgumentException>(() => TransformerModel.Load(config, weights, new() { Plan = QuantizationPlan.Linear(Nf4) })).Message;
        Assert.Contains("is stored as nf4 block 64 fp16", message, StringComparison.Ordinal);
    }

    [Fact]
    public void AlternativeDevicesRunQuantizedWeights()
    {
        using var device = new Compute.Cpu.CpuDevice(1);
        using TransformerModel expected = TransformerModel.Load(SharedFiles.SmallModel, new() { Plan = QuantizationPlan.Linear(Nf4) });
        using TransformerModel actual = TransformerModel.Load(SharedFiles.SmallModel, new() { Plan = QuantizationPlan.Linear(Nf4), Device = device });
        Assert.Equal(Logits(expected), Logits(actual));
    }

    [Fact]
    public void CanonicalWeightsAreNotKept()
    {
        using var source = new FleetingWeights(SharedFiles.SmallModel);
        using TransformerModel model = TransformerModel.Load(ModelConfig.Load(SharedFiles.SmallModel), source);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.NotEmpty(source.Given);
        // The last one may still be in some register or slot of the stack.
        Assert.InRange(source.Given.Count(tensor => tensor.TryGetTarget(out _)), 0, 1);
    }

    [Fact]
    public void DecodingAllocatesNothing()
    {
        using var device = new Compute.Cpu.CpuDevice(1);
        using TransformerModel model = TransformerModel.Load(
            SharedFiles.SmallModel, new() { Plan = QuantizationPlan.Linear(Nf4), Device = device });
        KeyValueCache cache = model.CreateCache(64);
        var logits = new float[model.Config.VocabularySize];
        int[] token = [5];
        long allocated = long.MaxValue;
        // Code compiled without optimization allocates; it is replaced in the background once it has run often.
        for (var clock = Stopwatch.StartNew(); allocated > 0 && clock.Elapsed < TimeSpan.FromSeconds(20); cache.Clear())
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 8; i++)
                model.ForwardLast(token, cache, logits);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(0, allocated);
    }

    private static BitLedger Dequantize(ModelConfig config, MemoryWeights weights, QuantizationScheme scheme, out double relativeError)
    {
        BitLedger bits = default;
        double squaredErrors = 0, squaredWeights = 0;
        foreach (ModelTensor tensor in config.Tensors)
        {
            if (tensor.Role != TensorRole.Linear)
            {
                bits += BitLedger.ForUnquantized(tensor.ElementCount, 16);
                continue;
            }

            float[] original = weights.ReadSingle(tensor.Name);
            QuantizedTensor quantized = BlockwiseQuantizer.Quantize<float>(original, (int)tensor.Shape[0], (int)tensor.Shape[1], scheme);
            var values = new float[original.Length];
            BlockwiseQuantizer.Dequantize<float>(quantized, values);
            bits += quantized.Bits;
            squaredErrors += original.Zip(values).Sum(pair => Math.Pow((double)pair.First - pair.Second, 2));
            squaredWeights += original.Sum(value => (double)value * value);
            weights.Tensors[tensor.Name] = (tensor.Shape, values);
        }

        relativeError = Math.Sqrt(squaredErrors / squaredWeights);
        return bits;
    }

    private static float[] Logits(TransformerModel model) =>
        ModelRun.Logits(model, [.. Enumerable.Range(0, 50).Select(i => i * 7 % model.Config.VocabularySize)]);
}
