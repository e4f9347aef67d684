using System.Numerics.Tensors;
using KBitQuant.Transformers.Checkpoints;
using KBitQuant.Transformers.Evaluation;
using KBitQuant.Transformers.Models;
using KBitQuant.Transformers.Tests.Models;
using KBitQuant.Transformers.Tokenization;

namespace KBitQuant.Transformers.Tests.Evaluation;

public class PerplexityTests
{
    private const double UnitRoundoff = 1.0 / (1 << 24);

    [Fact]
    public void AgreesWithReferenceLogits()
    {
        using SafetensorsFile reference = ReferenceLogitsTests.OpenReference(SharedFiles.SmallModel);
        using TransformerModel model = TransformerModel.Load(SharedFiles.SmallModel);
        int[] tokens = ReferenceLogitsTests.ToInts(reference.Get<long>("ids"));
        double expected = MeanLoss(reference.ReadSingle("logits"), tokens, model.Config.VocabularySize);

        PerplexityResult result = Perplexity.Evaluate(model, tokens);

        Assert.Equal(63, result.TokensScored);
        Assert.Equal(expected, result.MeanNegativeLogLikelihood, 1e-5);
        Assert.Equal(Math.Exp(result.MeanNegativeLogLikelihood), result.Perplexity);
    }

    /// <summary>Logits are computed for a part of a window at a time where the vocabulary is large.</summary>
    [Fact]
    public void LargeVocabulariesAreScoredInParts()
    {
        ModelConfig config = SampleConfigs.Llama with { VocabularySize = 300_000, HiddenSize = 12 };
        using TransformerModel model = TransformerModel.Load(config, MemoryWeights.Random(config, seed: 1));
        int[] tokens = [.. Enumerable.Range(0, 20).Select(i => i * 14_000)];
        float[] logits = ModelRun.Logits(model, tokens);

        PerplexityResult result = Perplexity.Evaluate(model, tokens, window: 20);

        // Sums of 300 thousand terms, and logits computed in another order.
        Assert.Equal(MeanLoss(logits, tokens, config.VocabularySize), result.MeanNegativeLogLikelihood, config.VocabularySize * UnitRoundoff);
    }

    [Fact]
    public void WindowsAreRunAlone()
    {
        using TransformerModel model = TransformerModel.Load(SharedFiles.SmallModel);
        int[] tokens = Perplexity.ReadTokens(TextTokenizer.Load(SharedFiles.SmallModel), SharedFiles.Excerpt, 250);
        PerplexityResult whole = Perplexity.Evaluate(model, tokens, window: 100);
        PerplexityResult[] parts = [.. tokens.Chunk(100).Select(part => Perplexity.Evaluate(model, part))];

        Assert.Equal(247, whole.TokensScored);
        Assert.Equal(parts.Sum(part => part.MeanNegativeLogLikelihood * part.TokensScored) / 247, whole.MeanNegativeLogLikelihood, 1e-9);
        Assert.Equal(whole, Perplexity.Evaluate(model, tokens, window: 100));
    }

    [Fact]
    public void TokensBeginWithTheTextsBeginning()
    {
        TextTokenizer tokenizer = TextTokenizer.Load(SharedFiles.SmallModel);
        using SafetensorsFile reference = ReferenceLogitsTests.OpenReference(SharedFiles.SmallModel);
        Assert.Equal(ReferenceLogitsTests.ToInts(reference.Get<long>("ids")), Perplexity.ReadTokens(tokenizer, SharedFiles.Excerpt, 64));
        Assert.Empty(Perplexity.ReadTokens(tokenizer, SharedFiles.Excerpt, 0));
        Assert.True(Perplexity.ReadTokens(tokenizer, SharedFiles.Excerpt).Length < Perplexity.DefaultTokens);
        Assert.Throws<ArgumentOutOfRangeException>(() => Perplexity.ReadTokens(tokenizer, SharedFiles.Excerpt, -1));
        Assert.Throws<FileNotFoundException>(() => Perplexity.ReadTokens(tokenizer, "no such file", 4));
    }

    [Fact]
    public void ProgressEndsAtOne()
    {
        using TransformerModel model = TransformerModel.Load(SharedFiles.SmallModel);
        var progress = new RecordedProgress();
        Perplexity.Evaluate(model, new int[40], window: 10, progress);
        Assert.Equal(1, progress.Values.Max());
    }

    [Fact]
    public void BadArgumentsAreRefused()
    {
        using TransformerModel model = TransformerModel.Load(SharedFiles.SmallModel);
        Assert.Throws<ArgumentOutOfRangeException>(() => Perplexity.Evaluate(model, new int[4], window: 1));
        Assert.Contains("2 to 512", Assert.Throws<ArgumentOutOfRangeException>(() => Perplexity.Evaluate(model, new int[4], window: 513)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Perplexity.Evaluate(model, new int[1]));
        Assert.Throws<ArgumentException>(() => Perplexity.Evaluate(model, new[] { 1, 4096 }));
    }

    /// <summary>Takes minutes: run by <c>-explicit only</c>.</summary>
    [Theory(Explicit = true)]
    [InlineData("kbq-neox-670k", 61.45)]
    [InlineData("kbq-neox-2m", 48.63)]
    [InlineData("kbq-neox-7m", 34.49)]
    [InlineData("kbq-neox-29m", 31.39)]
    public void PublishedFigures(string name, double expected)
    {
        string folder = SharedFiles.Require("models", name);
        using TransformerModel model = TransformerModel.Load(folder);
        int[] tokens = Perplexity.ReadTokens(TextTokenizer.Load(folder), SharedFiles.Require("data", "gutenberg_test.txt"));

        PerplexityResult result = Perplexity.Evaluate(model, tokens);
        TestContext.Current.TestOutputHelper?.WriteLine($"{name}: {result.Perplexity:F4}");

        Assert.Equal(Perplexity.DefaultTokens, tokens.Length);
        Assert.Equal(expected, result.Perplexity, 0.002 * expected);
    }

    /// <summary>The definition, in double.</summary>
    private static double MeanLoss(float[] logits, int[] tokens, int vocabulary)
    {
        double sum = 0;
        for (int i = 0; i < tokens.Length - 1; i++)
        {
            ReadOnlySpan<float> row = logits.AsSpan(i * vocabulary, vocabulary);
            double largest = TensorPrimitives.Max(row);
            double total = 0;
            foreach (float logit in row)
                total += Math.Exp(logit - largest);
            sum += largest + Math.Log(total) - row[tokens[i + 1]];
        }

        return sum / (tokens.Length - 1);
    }
}
