using System.Numerics.Tensors;
using KBitQuant.Transformers.Generation;
using KBitQuant.Transformers.Models;
using KBitQuant.Transformers.Tests.Models;
using KBitQuant.Transformers.Tokenization;

namespace KBitQuant.Transformers.Tests.Generation;

public sealed class TextGeneratorTests : IDisposable
{
    private readonly TransformerModel _model = TransformerModel.Load(SharedFiles.SmallModel);
    private readonly TextTokenizer _tokenizer = TextTokenizer.Load(SharedFiles.SmallModel);

    [Fact]
    public void GreedyTakesTheLikeliestToken()
    {
        int[] prompt = [0, .. _tokenizer.Encode("It was a dark and")];
        List<int> expected = [];
        var logits = new float[_model.Config.VocabularySize];
        for (int i = 0; i < 12; i++)
        {
            _model.ForwardLast([.. prompt, .. expected], _model.CreateCache(64), logits);
            expected.Add(TensorPrimitives.IndexOfMax<float>(logits));
        }

        var options = new SamplingOptions { MaxTokens = 12 };
        Assert.Equal(expected, new TextGenerator(_model, _tokenizer).GenerateTokens(prompt, options));
        Assert.Equal(_tokenizer.Decode([.. expected]), Text("It was a dark and", options));
    }

    [Fact]
    public void ASeedGivesOneText()
    {
        var options = new SamplingOptions { Temperature = 1, TopP = 0.9f, MaxTokens = 30, Seed = 5 };
        string text = Text("The sea", options);
        Assert.Equal(text, Text("The sea", options));
        Assert.NotEqual(text, Text("The sea", options with { Seed = 6 }));
        Assert.NotEqual(text, Text("The sea", options with { Temperature = 0 }));
    }

    [Fact]
    public void GenerationEndsAtTheLongestSequence()
    {
        int[] prompt = [.. Enumerable.Repeat(17, 500)];
        var generator = new TextGenerator(_model, _tokenizer);
        int count = generator.GenerateTokens(prompt, new() { MaxTokens = 100, Temperature = 1 }).Count();
        // The last token is predicted from 512; it needs no place itself.
        Assert.InRange(count, 1, 13);
        Assert.Empty(generator.GenerateTokens(prompt, new() { MaxTokens = 0 }));
    }

    [Fact]
    public void EndTokensEndTheText()
    {
        int[] prompt = [0, .. _tokenizer.Encode("It was")];
        int first = new TextGenerator(_model, _tokenizer).GenerateTokens(prompt, new() { MaxTokens = 1 }).Single();
        ModelConfig config = _model.Config with { EndTokens = [first] };
        using var checkpoint = KBitQuant.Transformers.Checkpoints.Checkpoint.Open(SharedFiles.SmallModel);
        using TransformerModel ending = TransformerModel.Load(config, checkpoint);
        Assert.Empty(new TextGenerator(ending, _tokenizer).GenerateTokens(prompt));
    }

    /// <summary>Where the configuration has none, that of the tokenizer ends the text: here of all tokens, equally likely, the first.</summary>
    [Fact]
    public void TheTokenizersEndTokenEndsTheTextToo()
    {
        Assert.Equal(0, _tokenizer.EndOfText);
        using var checkpoint = KBitQuant.Transformers.Checkpoints.Checkpoint.Open(SharedFiles.SmallModel);
        ModelConfig config = _model.Config with { EndTokens = [] };
        MemoryWeights weights = MemoryWeights.Copy(config, checkpoint);
        Array.Clear(weights.Tensors["embed_out.weight"].Values);
        using TransformerModel ending = TransformerModel.Load(config, weights);
        Assert.Empty(new TextGenerator(ending, _tokenizer).GenerateTokens([17]));
    }

    [Fact]
    public void TextIsMadeAsItIsAskedFor()
    {
        Assert.NotEmpty(new TextGenerator(_model, _tokenizer).Generate("", new() { MaxTokens = 1_000_000 }).First());
    }

    [Fact]
    public void BadPromptsAreRefused()
    {
        var generator = new TextGenerator(_model, _tokenizer);
        string prompt = string.Concat(Enumerable.Repeat("word ", 600));
        Assert.Contains("takes 512", Assert.Throws<ArgumentException>(() => generator.Generate(prompt)).Message, StringComparison.Ordinal);
        // At once, not when the first token is asked for.
        Assert.Contains("0 were given", Assert.Throws<ArgumentException>(() => generator.GenerateTokens([])).Message, StringComparison.Ordinal);
        Assert.Contains("is 4096", Assert.Throws<ArgumentException>(() => generator.GenerateTokens([4096])).Message, StringComparison.Ordinal);
        Assert.Contains("1 to 511", Assert.Throws<ArgumentException>(() => generator.GenerateTokens(new int[512])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentNullException>(() => generator.GenerateTokens(null!));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void LogitsThatAreNoNumbersAreRefused(float temperature)
    {
        using var checkpoint = KBitQuant.Transformers.Checkpoints.Checkpoint.Open(SharedFiles.SmallModel);
        MemoryWeights weights = MemoryWeights.Copy(_model.Config, checkpoint);
        weights.Tensors["gpt_neox.final_layer_norm.bias"].Values[0] = float.NaN;
        using TransformerModel model = TransformerModel.Load(_model.Config, weights);
        IEnumerable<string> text = new TextGenerator(model, _tokenizer).Generate("It", new() { Temperature = temperature });
        Assert.Contains("NaN", Assert.Throws<InvalidOperationException>(() => text.First()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OptionsAreChecked()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new SamplingOptions { Temperature = -0.1f });
        Assert.Throws<ArgumentOutOfRangeException>(() => new SamplingOptions { Temperature = float.NaN });
        Assert.Throws<ArgumentOutOfRangeException>(() => new SamplingOptions { Temperature = float.PositiveInfinity });
        Assert.Throws<ArgumentOutOfRangeException>(() => new SamplingOptions { TopP = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new SamplingOptions { TopP = 1.01f });
        Assert.Throws<ArgumentOutOfRangeException>(() => new SamplingOptions { TopP = float.NaN });
        Assert.Throws<ArgumentOutOfRangeException>(() => new SamplingOptions { MaxTokens = -1 });
    }

    public void Dispose() => _model.Dispose();

    private string Text(string prompt, SamplingOptions options) => string.Concat(new TextGenerator(_model, _tokenizer).Generate(prompt, options));
}
