using System.Numerics.Tensors;
using KBitQuant.Compute.Gpu;
using KBitQuant.DataTypes;
using KBitQuant.Quantization;
using KBitQuant.Transformers.Models;

namespace KBitQuant.Transformers.Tests.Models.Gpu;

/// <summary>The decoder on GPUs (the emulated one, and those of the machine) against that on the processor.</summary>
public sealed class GpuDecoderTests
{
    private const double HalfRoundoff = 1.0 / (1 << 11);

    private static readonly Dictionary<string, Lazy<GpuDevice>> Devices = new(
    [
        new("emulated", new(GpuDevice.OpenEmulated)),
        .. GpuDevice.List().Select(info => new KeyValuePair<string, Lazy<GpuDevice>>(info.ToString(), new(() => GpuDevice.Open(info.Index)))),
        .. GpuDevice.List().Where(info => info.Backend == "Cuda").SelectMany(info => Rejecting(info)),
    ]);

    /// <summary>Blocks of 12 end where the rows of projections do, which are then joined; those of 64 do not.</summary>
    private static readonly Dictionary<string, QuantizationPlan> Plans = new()
    {
        ["none"] = QuantizationPlan.None,
        ["nf4, blocks of 12"] = QuantizationPlan.Linear(new(DataTypeCatalog.Get("nf4"), 12), includeHead: true),
        ["int3, blocks of 64"] = QuantizationPlan.Linear(new(DataTypeCatalog.Get("int3"), 64) { Offset = BlockOffset.Mean }),
        ["nf4, blocks of 64"] = QuantizationPlan.Linear(new(DataTypeCatalog.Get("nf4"), 64), includeHead: true),
    };

    /// <summary>Among them shapes for which a GPU of NVIDIA runs a step of one token in fewer kernels.</summary>
    private static readonly Dictionary<string, ModelConfig> Configs = new(SampleConfigs.All)
    {
        ["llama, aligned"] = Aligned,
        ["llama, aligned, biases"] = Aligned with
        {
            HeadCount = 5,
            KeyValueHeadCount = 1,
            Rotary = new(10000, 64),
            Biases = LinearBiases.Qkv | LinearBiases.FeedForward,
            Activation = Activation.Get("gelu_new"),
        },
    };

    private static ModelConfig Aligned => SampleConfigs.Llama with
    {
        HiddenSize = 128,
        HeadCount = 2,
        HeadSize = 128,
        IntermediateSize = 128,
        Rotary = new(10000, 128),
        HasTiedEmbeddings = false,
    };

    public static TheoryData<string, string, string> Models => new(
        from device in Devices.Keys
        from name in Configs.Keys
        from plan in Plans.Keys
        select (device, name, plan));

    public static TheoryData<string> DeviceNames => [.. Devices.Keys];

    [Theory]
    [MemberData(nameof(Models))]
    public void LogitsAreThoseOfTheProcessor(string device, string name, string plan)
    {
        ModelConfig config = Configs[name];
        MemoryWeights weights = MemoryWeights.Random(config, seed: 1);
        using TransformerModel expected = TransformerModel.Load(config, weights, new() { Plan = Plans[plan] });
        using TransformerModel actual = TransformerModel.Load(config, weights, new() { Plan = Plans[plan], Device = Devices[device].Value });
        int[] tokens = [3, 1, 4, 1, 5, 9, 2, 6, 5];

        AssertClose(config, ModelRun.Logits(expected, tokens), ModelRun.Logits(actual, tokens));

        Assert.Equal(expected.Bits, actual.Bits);
        Assert.Equal(expected.RelativeError, actual.RelativeError);
        Assert.Equal(plan == "none", actual.KernelNames.Count == 0);
        Assert.Equal(plan == "none", actual.Memory.PreparedBytes == 0);
        Assert.True(actual.Memory.DenseBytes > 0);
    }

    /// <summary>Of several query rows GPUs of NVIDIA attend by other kernels than of few.</summary>
    [Theory]
    [MemberData(nameof(DeviceNames))]
    public void LogitsOfLongPromptsAreThoseOfTheProcessor(string device)
    {
        foreach (string plan in (string[])["none", "nf4, blocks of 64"])
        {
            ModelConfig config = Configs["llama, aligned, biases"];
            MemoryWeights weights = MemoryWeights.Random(config, seed: 6);
            using TransformerModel expected = TransformerModel.Load(config, weights, new() { Plan = Plans[plan] });
            using TransformerModel actual = TransformerModel.Load(config, weights, new() { Plan = Plans[plan], Device = Devices[device].Value });
            int[] tokens = [.. Enumerable.Range(0, 40).Select(i => i * i % config.VocabularySize)];

            AssertClose(config, ModelRun.Logits(expected, tokens, 24), ModelRun.Logits(actual, tokens, 24));
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void OneByOneAndTogetherAreTheSame(string device, string name, string plan)
    {
        ModelConfig config = Configs[name];
        using TransformerModel model = TransformerModel.Load(
            config, MemoryWeights.Random(config, seed: 2), new() { Plan = Plans[plan], Device = Devices[device].Value });
        int[] tokens = [2, 7, 1, 8, 2, 8, 1];
        float[] together = ModelRun.Logits(model, tokens);

        foreach (int step in (int[])[1, 3])
            AssertClose(config, together, ModelRun.Logits(model, tokens, step));
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void GreedyTokensAreThoseOfTheProcessor(string device, string name, string plan)
    {
        ModelConfig config = Configs[name];
        MemoryWeights weights = MemoryWeights.Random(config, seed: 3);
        using TransformerModel expected = TransformerModel.Load(config, weights, new() { Plan = Plans[plan] });
        using TransformerModel actual = TransformerModel.Load(config, weights, new() { Plan = Plans[plan], Device = Devices[device].Value });

        Assert.Equal(Continue(expected, [5, 6, 7], 4), Continue(actual, [5, 6, 7], 4));
    }

    [Theory]
    [MemberData(nameof(DeviceNames))]
    public async Task SequencesRunAtOnceAndCachesAreCleared(string device)
    {
        ModelConfig config = SampleConfigs.GptNeoX;
        using TransformerModel model = TransformerModel.Load(
            config, MemoryWeights.Random(config, seed: 4), new() { Device = Devices[device].Value });
        int[] tokens = [1, 2, 3];
        float[] expected = ModelRun.Logits(model, tokens, 1);

        float[][] results = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => ModelRun.Logits(model, tokens, 1))));

        Assert.All(results, result => Assert.Equal(expected, result));
        using KeyValueCache cache = model.CreateCache(3);
        for (int run = 0; run < 2; run++, cache.Clear())
        {
            var last = new float[config.VocabularySize];
            model.ForwardLast(tokens, cache, last);
            AssertClose(config, expected[^last.Length..], last);
        }
    }

    [Fact]
    public void ModelDeviceAndCacheAreDisposedOfInAnyOrder()
    {
        ModelConfig config = SampleConfigs.Llama;
        MemoryWeights weights = MemoryWeights.Random(config, seed: 5);
        GpuDevice device = GpuDevice.OpenEmulated();
        TransformerModel model = TransformerModel.Load(config, weights, new() { Device = device });
        KeyValueCache cache = model.CreateCache(2);
        var logits = new float[config.VocabularySize];
        model.ForwardLast([1], cache, logits);

        device.Dispose();

        Assert.Throws<ObjectDisposedException>(() => model.ForwardLast([1], cache, logits));
        Assert.Throws<ObjectDisposedException>(() => model.CreateCache(2));
        model.Dispose();
        cache.Dispose();
        cache.Dispose();
    }

    /// <summary>As with a driver of a GPU that rejects every kernel: those of the emulation take over, the first step's included.</summary>
    [Theory]
    [InlineData("llama, aligned, biases", "none")]
    [InlineData("llama, aligned", "nf4, blocks of 64")]
    public void RejectedKernelsAreReplaced(string name, string plan)
    {
        ModelConfig config = Configs[name] with { LayerCount = 1 };
        MemoryWeights weights = MemoryWeights.Random(config, seed: 7);
        foreach ((_, float[] values) in weights.Tensors.Values)
            TensorPrimitives.ConvertToSingle(Array.ConvertAll(values, value => (Half)value), values);
        using GpuDevice device = RejectingLoader.OpenEmulated(architecture: 90, out _);
        using TransformerModel expected = TransformerModel.Load(config, weights, new() { Plan = Plans[plan], Device = Devices["emulated"].Value });
        using TransformerModel actual = TransformerModel.Load(config, weights, new() { Plan = Plans[plan], Device = device });
        int[] tokens = [.. Enumerable.Range(0, 19).Select(i => i * i % config.VocabularySize)];

        Assert.Equal(ModelRun.Logits(expected, tokens, tokens.Length - 1), ModelRun.Logits(actual, tokens, tokens.Length - 1));
        Assert.Equal(Continue(expected, [1, 2], 2), Continue(actual, [1, 2], 2));

        string[] asked = [.. device.RejectedKernels.Where(pair => pair.Value == RejectingLoader.Reason).Select(pair => pair.Key)];
        string[] always = ["cuda-rotary", "rotary", "cuda-attention-step", "attention", "cuda-rms-norm", "norm", "embedding", "arg-max"];
        string[] dense = ["cuda-dense-tile", "dense-tile", "cuda-dense-vector", "dense-vector", "cuda-flash-attention", "activation"];
        string[] quantized = ["cuda-warpgroup", "cuda-tensorcore", "cuda-gated-activation", "widen"];
        Assert.Empty(always.Concat(plan == "none" ? dense : quantized).Except(asked));
    }

    /// <summary>A GPU whose driver rejects every kernel, and one that takes those of quantized weights alone.</summary>
    private static IEnumerable<KeyValuePair<string, Lazy<GpuDevice>>> Rejecting(GpuDeviceInfo info)
    {
        string[] products = ["Stationary", "Vector", "Batch", "Prefill", "Probe"];
        yield return new($"{info}, rejecting", new(() => RejectingLoader.Open(info.Index, _ => true)));
        yield return new($"{info}, rejecting the decoder's", new(() => RejectingLoader.Open(info.Index, name => !products.Any(name.StartsWith))));
    }

    private static int[] Continue(TransformerModel model, int[] prompt, int count)
    {
        using KeyValueCache cache = model.CreateCache(prompt.Length + count);
        var logits = new float[model.Config.VocabularySize];
        var tokens = new List<int>();
        for (int[] next = prompt; tokens.Count < count; next = [tokens[^1]])
            tokens.Add(model.ForwardLikeliest(next, cache, logits));
        return [.. tokens];
    }

    /// <summary>A layer rounds to halves fourteen times at most: two normalized inputs, queries, keys and values, queries and keys that
    /// were turned, weights of the attention, what is attended to, the gate, the wide layer, its activation, and both outputs; the tensor cores round each of their seven weights thrice. The last
    /// normalization and the head do so too. Each rounding changes a vector by at most u of its norm, and weights of
    /// unit gain pass a relative change on as it is, to a stream that is added to what was there.</summary>
    private static void AssertClose(ModelConfig config, float[] expected, float[] actual)
    {
        double tolerance = ((config.LayerCount * (14 + (3 * 7))) + 2 + 3) * HalfRoundoff;
        double error = TensorPrimitives.Distance<float>(expected, actual) / TensorPrimitives.Norm<float>(expected);
        Assert.InRange(error, 0, tolerance);
    }
}
