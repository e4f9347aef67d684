using System.Numerics.Tensors;
using KBitQuant.Transformers.Checkpoints;
using KBitQuant.Transformers.Models;

namespace KBitQuant.Transformers.Tests.Models;

/// <summary>Logits and continuations against those of Hugging Face Transformers.</summary>
public class ReferenceLogitsTests
{
    /// <summary>The distance from float references, relative to their norm, that the project holds itself to.</summary>
    private const double Tolerance = 1e-3;

    /// <summary>The same where the reference was computed in 16 bits.</summary>
    private const double HalfTolerance = 2e-3;

    [Fact]
    public void SmallModel() => Compare(SharedFiles.SmallModel, Tolerance);

    [Fact]
    public void TinyLlama() => Compare(SharedFiles.TinyLlama, Tolerance);

    [Fact]
    public void TinyQwen() => Compare(SharedFiles.TinyQwen, Tolerance);

    [Theory]
    [InlineData("models/kbq-neox-2m", Tolerance)]
    [InlineData("models/kbq-neox-7m", Tolerance)]
    [InlineData("models/kbq-neox-29m", Tolerance)]
    [InlineData("golden/hf/neox-fp16", HalfTolerance)]
    public void SharedModels(string folder, double tolerance) => Compare(SharedFiles.Require(folder.Split('/')), tolerance);

    [Fact]
    public void GreedyContinuationOfLlama() => CompareGreedy(SharedFiles.TinyLlama);

    [Fact]
    public void GreedyContinuationOfQwen() => CompareGreedy(SharedFiles.TinyQwen);

    internal static SafetensorsFile OpenReference(string folder) => SafetensorsFile.Open(Path.Combine(folder, "reference_logits.safetensors"));

    internal static int[] ToInts(ReadOnlySpan<long> values)
    {
        var ints = new int[values.Length];
        TensorPrimitives.ConvertChecked(values, ints);
        return ints;
    }

    private static void Compare(string folder, double tolerance)
    {
        using SafetensorsFile reference = OpenReference(folder);
        using TransformerModel model = TransformerModel.Load(folder);
        Assert.True(reference.TryGet("ids", out SafetensorsTensor? ids));
        (int sequences, int length) = ((int)ids.Shape[0], (int)ids.Shape[1]);
        int[] tokens = ToInts(reference.Get<long>("ids"));
        int vocabulary = model.Config.VocabularySize;
        var logits = new float[tokens.Length * vocabulary];
        KeyValueCache cache = model.CreateCache(length);

        for (int i = 0; i < sequences; i++)
        {
            cache.Clear();
            model.Forward(tokens.AsSpan(i * length, length), cache, logits.AsSpan(i * length * vocabulary, length * vocabulary));
        }

        float[] expected = reference.ReadSingle("logits");
        double error = TensorPrimitives.Distance<float>(logits, expected) / TensorPrimitives.Norm<float>(expected);
        TestContext.Current.TestOutputHelper?.WriteLine($"relative error {error:E2}");
        Assert.InRange(error, 0, tolerance);
    }

    private static void CompareGreedy(string folder)
    {
        using SafetensorsFile reference = OpenReference(folder);
        using TransformerModel model = TransformerModel.Load(folder);
        int[] expected = ToInts(reference.Get<long>("greedy"));
        int[] ids = ToInts(reference.Get<long>("ids"));
        int prompt = expected.AsSpan().CommonPrefixLength(ids);
        var logits = new float[model.Config.VocabularySize];
        KeyValueCache cache = model.CreateCache(expected.Length);
        List<int> actual = [.. expected[..prompt]];

        model.ForwardLast(expected.AsSpan(0, prompt), cache, logits);
        while (actual.Count < expected.Length)
        {
            actual.Add(TensorPrimitives.IndexOfMax<float>(logits));
            if (actual.Count < expected.Length)
                model.ForwardLast([actual[^1]], cache, logits);
        }

        Assert.InRange(prompt, 1, expected.Length - 1);
        Assert.Equal(expected, actual);
    }
}
