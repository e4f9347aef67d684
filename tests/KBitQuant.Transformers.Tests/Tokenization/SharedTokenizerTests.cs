using System.Text;
using KBitQuant.Transformers.Checkpoints;
using KBitQuant.Transformers.Tokenization;

namespace KBitQuant.Transformers.Tests.Tokenization;

/// <summary>Tokenizers of real models, where they lie beside the repository.</summary>
public class SharedTokenizerTests
{
    private const string Mixed = "Hello  world!\n\n\tIt's 1234½ naïve “quotes” – 日本語 🎉 \U0001D49C<|endoftext|>x    \n  end  ";

    [Theory]
    [InlineData("kbq-neox-670k")]
    [InlineData("kbq-neox-2m")]
    [InlineData("kbq-neox-7m")]
    [InlineData("kbq-neox-29m")]
    public void ReferenceTokensAreReproduced(string model)
    {
        TextTokenizer tokenizer = TextTokenizer.Load(SharedFiles.Require("models", model));
        using SafetensorsFile reference =
            SafetensorsFile.Open(SharedFiles.Require("models", model, "reference_logits.safetensors"));
        // The byte order mark at the file's beginning is part of the text, three tokens; File.ReadAllText would drop it.
        string text = Encoding.UTF8.GetString(File.ReadAllBytes(SharedFiles.Require("data", "gutenberg_test.txt")));

        int[] tokens = [tokenizer.BeginningOfText!.Value, .. tokenizer.Encode(text, 63)];

        Assert.Equal(reference.Get<long>("ids").ToArray(), tokens.Select(token => (long)token));
        Assert.Equal(4096, tokenizer.VocabularySize);
    }

    [Theory]
    [InlineData("models/kbq-neox-2m/tokenizer.json", 4096)]
    [InlineData("tokenizers/gpt2/tokenizer.json", 50257)]
    [InlineData("tokenizers/gpt-neox/20B_tokenizer.json", 50277)]
    [InlineData("tokenizers/llama/tokenizer.model", 32000)]
    public void TextRoundTrips(string path, int vocabularySize)
    {
        TextTokenizer tokenizer = TextTokenizer.Load(SharedFiles.Require(path.Split('/')));
        string text = Mixed + File.ReadAllText(SharedFiles.Require("data", "tinystories_40.txt"));

        int[] tokens = tokenizer.Encode(text);

        Assert.Equal(vocabularySize, tokenizer.VocabularySize);
        Assert.Equal(text, tokenizer.Decode(tokens));
        foreach (int count in (int[])[0, 1, 17, 100, 1000])
            Assert.Equal(tokens[..count], tokenizer.Encode(text, count));
    }

    [Theory]
    [InlineData("tokenizers/gpt2/tokenizer.json", "Hello world", new[] { 15496, 995 })]
    [InlineData("tokenizers/gpt2/tokenizer.json", "<|endoftext|>", new[] { 50256 })]
    [InlineData("tokenizers/gpt-neox/20B_tokenizer.json", "Hello world", new[] { 12092, 1533 })]
    [InlineData("tokenizers/gpt-neox/20B_tokenizer.json", "<|endoftext|>a    b", new[] { 0, 66, 50274, 67 })]
    [InlineData("tokenizers/llama/tokenizer.model", "Once upon a time", new[] { 9038, 2501, 263, 931 })]
    public void KnownTokens(string path, string text, int[] expected) =>
        Assert.Equal(expected, TextTokenizer.Load(SharedFiles.Require(path.Split('/'))).Encode(text));

    [Fact]
    public void LlamaTypeModelsHaveTheirSpecialTokens()
    {
        TextTokenizer tokenizer = TextTokenizer.Load(SharedFiles.Require("models", "stories260K", "tok512.model"));
        Assert.Equal((1, 2, 512), (tokenizer.BeginningOfText, tokenizer.EndOfText, tokenizer.VocabularySize));
        Assert.Equal([403, 407, 261, 378], tokenizer.Encode("Once upon a time"));
        Assert.Equal("Once upon a time", tokenizer.Decode([403, 407, 261, 378]));
        Assert.Equal("🎉", tokenizer.Decode(tokenizer.Encode("🎉")));
    }

    [Fact]
    public void DamagedSentencePieceModelsAreRefused()
    {
        byte[] model = File.ReadAllBytes(SharedFiles.Require("models", "stories260K", "tok512.model"));
        using TemporaryFolder folder = new();
        Random random = new(1);
        for (int i = 0; i < 200; i++)
        {
            byte[] damaged = model[..(i % 2 == 0 ? model.Length : random.Next(model.Length))];
            for (int j = 0; j < 5 && damaged.Length > 0; j++)
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            string path = folder.Write("tokenizer.model", damaged);
            try
            {
                TextTokenizer.Load(path);
            }
            catch (Exception exception) when (exception is CheckpointFormatException or NotSupportedException)
            {
                Assert.Contains(path, exception.Message);
            }
        }
    }
}
