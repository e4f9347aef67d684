using KBitQuant.Compute.Gpu;
using KBitQuant.Transformers.Models;

namespace KBitQuant.Transformers.Tests.Models;

/// <summary>A model on the processor does not pay for the GPU.</summary>
public class ModelLeanLoadTests
{
    [Fact]
    public void TheProcessorAloneLoadsNoGpuLibrary()
    {
        IReadOnlyList<string> loaded = LoadedAssemblies.Of(typeof(ModelLeanLoadTests), nameof(RunOnProcessor));
        Assert.Contains("KBitQuant.Transformers", loaded);
        Assert.DoesNotContain(LoadedAssemblies.GpuLibrary, loaded);
    }

    [Fact]
    public void AGpuLoadsIt() => Assert.Contains(LoadedAssemblies.GpuLibrary, LoadedAssemblies.Of(typeof(ModelLeanLoadTests), nameof(RunOnGpu)));

    private static void RunOnProcessor() => Run(new());

    private static void RunOnGpu()
    {
        using GpuDevice device = GpuDevice.OpenEmulated();
        Run(new() { Device = device });
    }

    private static void Run(ModelOptions options)
    {
        ModelConfig config = SampleConfigs.Llama;
        using TransformerModel model = TransformerModel.Load(config, MemoryWeights.Random(config, seed: 1), options);
        using KeyValueCache cache = model.CreateCache(1);
        model.ForwardLast([1], cache, new float[config.VocabularySize]);
    }
}
