using System.Reflection;
using System.Runtime.Loader;
using KBitQuant.Compute.Gpu;
using KBitQuant.Transformers.Models;

namespace KBitQuant.Transformers.Tests.Models;

/// <summary>A model on the processor does not pay for the GPU.</summary>
public class ModelLeanLoadTests
{
    private const string GpuLibrary = "ILGPU";

    [Fact]
    public void TheProcessorAloneLoadsNoGpuLibrary()
    {
        IReadOnlyList<string> loaded = LoadedBy(nameof(RunOnProcessor));
        Assert.Contains("KBitQuant.Transformers", loaded);
        Assert.DoesNotContain(GpuLibrary, loaded);
    }

    [Fact]
    public void AGpuLoadsIt() => Assert.Contains(GpuLibrary, LoadedBy(nameof(RunOnGpu)));

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

    /// <summary>Runs a method of this class in fresh copies of the assemblies, and tells which assemblies it asks for.</summary>
    private static IReadOnlyList<string> LoadedBy(string method)
    {
        var context = new RecordingContext();
        Assembly copy = context.LoadFromAssemblyPath(typeof(ModelLeanLoadTests).Assembly.Location);
        copy.GetType(typeof(ModelLeanLoadTests).FullName!)!.GetMethod(method, BindingFlags.NonPublic | BindingFlags.Static)!.Invoke(null, null);
        return context.Names;
    }

    private sealed class RecordingContext : AssemblyLoadContext
    {
        private readonly List<string> _names = [];

        public IReadOnlyList<string> Names => _names;

        protected override Assembly? Load(AssemblyName assemblyName)
        {
            _names.Add(assemblyName.Name!);
            string path = Path.Combine(AppContext.BaseDirectory, assemblyName.Name + ".dll");
            return assemblyName.Name is "KBitQuant" or "KBitQuant.Transformers" or GpuLibrary ? LoadFromAssemblyPath(path) : null;
        }
    }
}
