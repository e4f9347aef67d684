using System.Diagnostics;
using System.Globalization;
using KBitQuant.Compute.Gpu;
using KBitQuant.Compute.Gpu.Benchmarking;
using KBitQuant.Compute.Gpu.Cuda;
using KBitQuant.DataTypes;
using KBitQuant.Quantization;
using KBitQuant.Transformers.Models;
using KBitQuant.Transformers.Models.Gpu;

namespace KBitQuant.GpuBench;

/// <summary>
/// Tokens a second of a model shaped like Llama 3 8B with random weights:
/// <c>decode [--device gpu] [--layers 32] [--hidden 4096] [--wide 14336] [--heads 32] [--kv-heads 8] [--vocabulary 128256] [--type nf4]
/// [--head] [--prompt 128] [--tokens 128]</c>. <c>--head</c> quantizes the output head too.
/// </summary>
internal static class DecodeBenchmark
{
    private const int Block = 64;
    private const int Replays = 21;

    public static int Run(string[] args)
    {
        int Number(string name, int fallback) => int.Parse(Option(args, name, fallback.ToString(CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture);
        ModelConfig config = Shape(Number("--layers", 32), Number("--hidden", 4096), Number("--wide", 14336), Number("--heads", 32), Number("--kv-heads", 8), Number("--vocabulary", 128256));
        var scheme = new QuantizationScheme(DataTypeCatalog.Get(Option(args, "--type", "nf4")), Block);
        using var weights = new RandomModelWeights(config, scheme, args.Contains("--head"));
        string deviceName = Option(args, "--device", "gpu");
        using GpuDevice device = GpuDevice.Open(deviceName == "gpu" ? null : deviceName);
        var clock = Stopwatch.StartNew();
        using TransformerModel model = TransformerModel.Load(config, weights, new() { Device = device });
        Print($"{device.Name}; {model.Bits.Parameters / 1e9:F2} G parameters, {scheme}, kernels {string.Join(", ", model.KernelNames)}; loaded in {clock.Elapsed.TotalSeconds:F1} s");
        Measure(device, model, weights, Number("--prompt", 128), Number("--tokens", 128));
        return 0;
    }

    private static void Measure(GpuDevice device, TransformerModel model, RandomModelWeights weights, int promptLength, int count)
    {
        int[] prompt = [.. Enumerable.Range(0, promptLength).Select(i => i * 7919 % model.Config.VocabularySize)];
        var logits = new float[model.Config.VocabularySize];
        using KeyValueCache cache = model.CreateCache(promptLength + count + 2);
        // The first pass compiles kernels; the third step of one token is the first that replays a graph.
        model.ForwardLikeliest(prompt, cache, logits);
        cache.Clear();
        var clock = Stopwatch.StartNew();
        int token = model.ForwardLikeliest(prompt, cache, logits);
        Print($"prefill  {promptLength / clock.Elapsed.TotalSeconds:F0} tokens/s over {promptLength}");
        for (int i = 0; i < 2; i++)
            token = model.ForwardLikeliest([token], cache, logits);
        clock.Restart();
        for (int i = 0; i < count; i++)
            token = model.ForwardLikeliest([token], cache, logits);
        double step = clock.Elapsed.TotalMicroseconds / count;
        Print($"decode   {1e6 / step:F1} tokens/s over {count}: {step:F0} us a token, from token to token");
        if (device.Cuda is not { } cuda || ((GpuKeyValueCache)cache).Graph is not { } graph)
            return;
        double limit = weights.BytesPerToken / new GpuBenchmark(device).ReadGigabytesPerSecond / 1e3;
        Print($"limit    {1e6 / limit:F1} tokens/s: {weights.BytesPerToken / 1e9:F3} GB of weights a token, {limit:F0} us at the measured read bandwidth; reached {limit / step:P1}");
        using GpuDevice.Call call = device.Enter();
        using var stopwatch = new CudaStopwatch(cuda.Stream);
        double replay = stopwatch.Median(Replays, graph.Launch);
        Print($"graph    {replay:F0} us on the device for a step without argmax; {limit / replay:P1} of the limit");
    }

    private static ModelConfig Shape(int layers, int hidden, int wide, int heads, int keyValueHeads, int vocabulary) => new()
    {
        Family = ModelFamily.Get("llama"),
        VocabularySize = vocabulary,
        HiddenSize = hidden,
        LayerCount = layers,
        HeadCount = heads,
        KeyValueHeadCount = keyValueHeads,
        HeadSize = hidden / heads,
        IntermediateSize = wide,
        MaxPositions = 8192,
        NormEpsilon = 1e-5f,
        Activation = Activation.Get("silu"),
        Rotary = new(500000, hidden / heads),
        IsParallel = false,
        Biases = LinearBiases.None,
        HasTiedEmbeddings = false,
        EndTokens = [],
    };

    private static string Option(string[] args, string name, string fallback)
    {
        int at = Array.IndexOf(args, name);
        return at < 0 ? fallback : args[at + 1];
    }

    private static void Print(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
