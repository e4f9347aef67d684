using System.Diagnostics;
using KBitQuant.Compute.Benchmarking;
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
/// [--head] [--prompt 128,2048] [--tokens 128]</c>. <c>--head</c> quantizes the output head too, <c>--type none</c> nothing. On CUDA the parts of a step are timed by
/// themselves too: their sum is more than the step, as launches overlap.
/// </summary>
internal static class DecodeBenchmark
{
    private const int Block = 64;
    private const int Replays = 21;
    private const int Prefills = 5;

    public static int Run(Arguments arguments)
    {
        ModelConfig config = Shape(arguments);
        string type = arguments.Text("--type", "nf4");
        QuantizationScheme? scheme = type == "none" ? null : new(DataTypeCatalog.Get(type), Block);
        using var weights = new RandomModelWeights(config, scheme, arguments.Has("--head"));
        string deviceName = arguments.Text("--device", "gpu");
        using GpuDevice device = GpuDevice.Open(deviceName == "gpu" ? null : deviceName);
        var clock = Stopwatch.StartNew();
        using TransformerModel model = TransformerModel.Load(config, weights, new() { Device = device });
        Console.WriteLine($"{device.Name}; {model.Bits.Parameters / 1e9:F2} G parameters, {scheme?.ToString() ?? "halves"}, kernels {string.Join(", ", model.KernelNames)}; loaded in {clock.Elapsed.TotalSeconds:F1} s");
        double limit = device.Cuda is null ? 0 : weights.BytesPerToken / ReadGigabytes(device) / 1e3;
        if (limit > 0)
            Console.WriteLine($"limit    {1e6 / limit:F1} tokens/s: {weights.BytesPerToken / 1e9:F3} GB of weights a token, {limit:F0} us at the measured read bandwidth");
        foreach (int prompt in arguments.Numbers("--prompt", "128,2048"))
            Measure(device, model, limit, prompt, arguments.Number("--tokens", 128));
        return 0;
    }

    private static double ReadGigabytes(GpuDevice device)
    {
        using var probe = new GpuCeilingProbe(device, typeof(Half));
        return probe.Result(Interleaved.Measure(probe.Passes, Replays)).ReadGigabytes;
    }

    private static void Measure(GpuDevice device, TransformerModel model, double limit, int promptLength, int count)
    {
        int[] prompt = [.. Enumerable.Range(0, promptLength).Select(i => i * 7919 % model.Config.VocabularySize)];
        var logits = new float[model.Config.VocabularySize];
        using KeyValueCache cache = model.CreateCache(promptLength + count + 2);
        // The first pass compiles kernels; the third step of one token is the first that replays a graph.
        int token = model.ForwardLikeliest(prompt, cache, logits);
        var clock = new Stopwatch();
        double[] seconds = [.. Enumerable.Range(0, Prefills).Select(_ =>
        {
            cache.Clear();
            clock.Restart();
            token = model.ForwardLikeliest(prompt, cache, logits);
            return clock.Elapsed.TotalSeconds;
        }).Order()];
        Console.WriteLine($"prefill  {promptLength / seconds[Prefills / 2]:F0} tokens/s over {promptLength}");
        for (int i = 0; i < 2; i++)
            token = model.ForwardLikeliest([token], cache, logits);
        clock.Restart();
        for (int i = 0; i < count; i++)
            token = model.ForwardLikeliest([token], cache, logits);
        double step = clock.Elapsed.TotalMicroseconds / count;
        Console.WriteLine($"decode   {1e6 / step:F1} tokens/s over {count}: {step:F0} us a token, from token to token; {limit / step:P1} of the limit");
        if (device.Cuda is not null)
        {
            TimeParts(device, (GpuDecoder)model.Decoder, (GpuKeyValueCache)cache, cache.Length, [token]);
            int[] last = prompt[^Math.Min(promptLength, GpuDecoder.TokensAtOnce)..];
            Console.WriteLine($"of a pass over the last {last.Length} tokens of the prompt");
            TimeParts(device, (GpuDecoder)model.Decoder, (GpuKeyValueCache)cache, promptLength - last.Length, last);
        }
    }

    /// <summary>Times graphs of parts of a pass.</summary>
    private static void TimeParts(GpuDevice device, GpuDecoder decoder, GpuKeyValueCache cache, int position, int[] tokens)
    {
        using GpuDevice.Call call = device.Enter();
        using var stopwatch = new CudaStopwatch(device.Cuda!.Stream);
        (GpuModel model, GpuWorkspace workspace, int m) = (decoder.Model, decoder.Workspace, tokens.Length);
        void Report(string part, Action replay) => Console.WriteLine($"  {part,-32} {stopwatch.Median(Replays, replay):F0} us");
        void Time(string part, Action<GpuLayer, int> work)
        {
            using var graph = new CudaGraph(device.Cuda!.Stream, () =>
            {
                for (int i = 0; i < model.Layers.Count; i++)
                    work(model.Layers[i], i);
            });
            Report(part, graph.Launch);
        }

        workspace.Step.Upload(position, tokens);
        if (m == 1)
            Report("step", cache.Graph!.Launch);
        Time("linear layers", (layer, _) => RunLinears(layer, workspace, m));
        if (m == 1 && model.CanStep)
            Time("layers", (layer, i) => layer.Step(workspace, cache.Layers[i], cache.Rotary));
        Time("attention block", (layer, i) => layer.Attend(workspace, cache.Layers[i], cache.Rotary, m, isFirst: false));
        Time("feed-forward block", (layer, _) => layer.FeedForward(workspace, m));
        Time("two norms", (layer, _) =>
        {
            layer.AttentionNorm.Apply(workspace.Residual, workspace.FeedForwardOutput, null, 0, m, workspace.Normed);
            layer.FeedForwardNorm.Apply(workspace.Residual, workspace.FeedForwardOutput, null, 0, m, workspace.Normed);
        });
        Time("rotary and attention", (layer, i) => workspace.Attention.Apply(
            workspace.Step, m, (workspace.Projections[0], workspace.Projections[0], workspace.Projections[0]), layer.HeadLayout, cache.Rotary, cache.Layers[i], workspace.Attended));
        using var head = new CudaGraph(device.Cuda.Stream, () => model.Head.ComputeLogits(workspace.Normed, 1, workspace.HalfLogits, workspace.Logits));
        Report("head", head.Launch);
    }

    private static void RunLinears(GpuLayer layer, GpuWorkspace workspace, int m)
    {
        for (int i = 0; i < layer.Projections.Count; i++)
            layer.Projections[i].Apply(workspace.Normed, m, workspace.Projections[i]);
        layer.AttentionOutput.Apply(workspace.Attended, m, workspace.AttentionOutput);
        for (int i = 0; i < layer.ToWide.Count; i++)
            layer.ToWide[i].Apply(workspace.Normed, m, workspace.Wide[i]);
        layer.Down.Apply(workspace.Activated, m, workspace.FeedForwardOutput);
    }

    private static ModelConfig Shape(Arguments arguments)
    {
        (int hidden, int heads) = (arguments.Number("--hidden", 4096), arguments.Number("--heads", 32));
        return new()
        {
            Family = ModelFamily.Get("llama"),
            VocabularySize = arguments.Number("--vocabulary", 128256),
            HiddenSize = hidden,
            LayerCount = arguments.Number("--layers", 32),
            HeadCount = heads,
            KeyValueHeadCount = arguments.Number("--kv-heads", 8),
            HeadSize = hidden / heads,
            IntermediateSize = arguments.Number("--wide", 14336),
            MaxPositions = 8192,
            NormEpsilon = 1e-5f,
            Activation = Activation.Get("silu"),
            Rotary = new(500000, hidden / heads),
            IsParallel = false,
            Biases = LinearBiases.None,
            HasTiedEmbeddings = false,
            EndTokens = [],
        };
    }
}
