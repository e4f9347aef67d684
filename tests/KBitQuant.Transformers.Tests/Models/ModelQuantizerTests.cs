using KBitQuant.DataTypes;
using KBitQuant.Quantization;
using KBitQuant.Transformers.Checkpoints;
using KBitQuant.Transformers.Models;

namespace KBitQuant.Transformers.Tests.Models;

public class ModelQuantizerTests
{
    private static readonly int[] Tokens = [0, 17, 4, 1000, 5, 5, 5, 4095];

    [Theory]
    [InlineData("nf4", 64, false, BlockOffset.None, false)]
    [InlineData("int3", 100, true, BlockOffset.Mean, true)]
    [InlineData("quantile5", 0, false, BlockOffset.None, false)]
    [InlineData("uint4", 32, false, BlockOffset.Minimum, true)]
    public void A_saved_model_computes_what_the_model_in_memory_does(string type, int block, bool isNested, BlockOffset offset, bool includesHead)
    {
        QuantizationScheme scheme = new(DataTypeCatalog.Get(type), block) { Nested = isNested, Offset = offset };
        QuantizationPlan plan = QuantizationPlan.Linear(scheme, includesHead);
        using TemporaryFolder folder = new();
        string saved = folder.File("saved");
        using (Checkpoint source = Checkpoint.Open(SharedFiles.SmallModel))
        {
            ModelConfig config = ModelConfig.Load(SharedFiles.SmallModel);
            QuantizedModelFolder.Save(source, ModelQuantizer.Quantize(config, source, plan), saved);
        }

        using TransformerModel inMemory = TransformerModel.Load(SharedFiles.SmallModel, new() { Plan = plan });
        using TransformerModel loaded = TransformerModel.Load(saved);
        Assert.Equal(ModelRun.Logits(inMemory, Tokens), ModelRun.Logits(loaded, Tokens));
        Assert.Equal(inMemory.Bits, loaded.Bits);
        using Checkpoint checkpoint = Checkpoint.Open(saved);
        Assert.Equal(inMemory.Bits, checkpoint.Bits);
    }

    [Fact]
    public void The_plan_decides_which_weights_are_quantized()
    {
        using Checkpoint source = Checkpoint.Open(SharedFiles.SmallModel);
        ModelConfig config = ModelConfig.Load(SharedFiles.SmallModel);
        QuantizationScheme scheme = new(DataTypeCatalog.Get("nf4"));
        IEnumerable<string> linear = config.Tensors.Where(tensor => tensor.Role == TensorRole.Linear).Select(tensor => tensor.Name);
        Assert.Equal(linear.Order(), ModelQuantizer.Quantize(config, source, QuantizationPlan.Linear(scheme)).Keys.Order());
        Assert.Empty(ModelQuantizer.Quantize(config, source, QuantizationPlan.None));
        var progress = new RecordedProgress();
        int count = ModelQuantizer.Quantize(config, source, QuantizationPlan.Linear(scheme), progress: progress).Count;
        Assert.Equal(Enumerable.Range(1, count).Select(done => (double)done / count), progress.Values);
    }

    [Fact]
    public void The_threads_of_a_device_give_the_same_weights()
    {
        using Checkpoint source = Checkpoint.Open(SharedFiles.SmallModel);
        ModelConfig config = ModelConfig.Load(SharedFiles.SmallModel);
        QuantizationPlan plan = QuantizationPlan.Linear(new(DataTypeCatalog.Get("nf4")));
        var device = new Compute.Cpu.CpuDevice(1);
        IReadOnlyDictionary<string, QuantizedTensor> byOne = ModelQuantizer.Quantize(config, source, plan, device);
        foreach ((string name, QuantizedTensor tensor) in ModelQuantizer.Quantize(config, source, plan))
            Assert.True(tensor.Codes.SequenceEqual(byOne[name].Codes) && tensor.Constants.SequenceEqual(byOne[name].Constants), name);
        device.Dispose();
        Assert.Throws<ObjectDisposedException>(() => ModelQuantizer.Quantize(config, source, plan, device));
    }

    [Fact]
    public void A_quantized_model_is_not_quantized_again()
    {
        QuantizationPlan plan = QuantizationPlan.Linear(new(DataTypeCatalog.Get("nf4")));
        ModelConfig config = ModelConfig.Load(SharedFiles.SmallModel);
        using TemporaryFolder folder = new();
        using Checkpoint source = Checkpoint.Open(SharedFiles.SmallModel);
        QuantizedModelFolder.Save(source, ModelQuantizer.Quantize(config, source, plan), folder.File("saved"));
        using Checkpoint saved = Checkpoint.Open(folder.File("saved"));
        ArgumentException exception = Assert.Throws<ArgumentException>(() => ModelQuantizer.Quantize(config, saved, plan));
        Assert.Contains("is stored as nf4", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_weight_that_is_not_finite_is_named()
    {
        ModelConfig config = SampleConfigs.Llama;
        MemoryWeights weights = MemoryWeights.Random(config, seed: 1);
        weights.Tensors["model.layers.1.mlp.up_proj.weight"].Values[3] = float.NaN;
        QuantizationPlan plan = QuantizationPlan.Linear(new(DataTypeCatalog.Get("nf4")));
        AssertNamed(Assert.Throws<ArgumentException>(() => ModelQuantizer.Quantize(config, weights, plan)));
        AssertNamed(Assert.Throws<ArgumentException>(() => TransformerModel.Load(config, weights, new() { Plan = plan })));

        static void AssertNamed(ArgumentException exception)
        {
            Assert.StartsWith("memory: tensor model.layers.1.mlp.up_proj.weight [", exception.Message, StringComparison.Ordinal);
            Assert.Contains("element 3 is NaN", exception.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_model_that_lacks_anything_is_refused()
    {
        ModelConfig config = SampleConfigs.Llama;
        MemoryWeights weights = MemoryWeights.Random(config, seed: 1);
        weights.Tensors.Remove("model.norm.weight");
        Assert.Contains("model.norm.weight [", Assert.Throws<CheckpointFormatException>(
            () => ModelQuantizer.Quantize(config, weights, QuantizationPlan.Linear(new(DataTypeCatalog.Get("nf4"))))).Message, StringComparison.Ordinal);
    }
}
