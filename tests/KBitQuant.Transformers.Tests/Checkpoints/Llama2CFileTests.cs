using System.Runtime.InteropServices;
using KBitQuant.Transformers.Checkpoints;
using KBitQuant.Transformers.Generation;
using KBitQuant.Transformers.Models;
using KBitQuant.Transformers.Tokenization;

namespace KBitQuant.Transformers.Tests.Checkpoints;

public class Llama2CFileTests
{
    /// <summary>What llama2.c's documentation shows for stories260K at temperature 0.</summary>
    private const string DocumentedStory =
        "Once upon a time, there was a little girl named Lily. She loved to play outside in the park. One day, she saw a big, red ball. "
        + "She wanted to play with it, but it was too high.\nLily's mom said, \"Lily, let's go to the park.\" Lily was sad and didn't know what to do. "
        + "She said, \"I want to play with your ball, but I can't find it.\"\nLily was sad and didn't know what to do. "
        + "She said, \"I'm sorry, Lily. I didn't know what to do.\"\nLily didn't want to help her mom, so she";

    /// <summary>Hidden size, feed-forward width, layers, heads, key and value heads, vocabulary, longest sequence.</summary>
    private static readonly int[] Header = [8, 12, 2, 2, 1, 5, 6];

    [Fact]
    public void TheDocumentedStoryIsTold()
    {
        string folder = SharedFiles.Require("models", "stories260K");
        using TransformerModel model = TransformerModel.Load(Path.Combine(folder, "stories260K.bin"));
        TextTokenizer tokenizer = TextTokenizer.Load(Path.Combine(folder, "tok512.model"));

        string story = string.Concat(new TextGenerator(model, tokenizer).Generate("", new() { MaxTokens = 256 }));

        Assert.StartsWith(DocumentedStory, story, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(-5)]
    public void TensorsLieInTheirPlaces(int vocabulary)
    {
        using TemporaryFolder folder = new();
        int[] header = [.. Header[..5], vocabulary, Header[6]];
        using Llama2CFile file = Llama2CFile.Open(folder.Write("model.bin", Bytes(header, Length(header))));
        float[] Read(string name) => file.ReadSingle(name);

        Assert.Equal(0, Read("model.embed_tokens.weight")[0]);
        Assert.Equal(40, Read("model.layers.0.input_layernorm.weight")[0]);
        Assert.Equal(48, Read("model.layers.1.input_layernorm.weight")[0]);
        float[] query = Read("model.layers.1.self_attn.q_proj.weight");
        // Of each head of 4 rows, rows 0, 2, 1, 3 of the file; a row has 8 elements.
        Assert.Equal([120f, 136, 128, 144, 152, 168, 160, 176], Enumerable.Range(0, 8).Select(row => query[row * 8]));
        Assert.Equal([184f, 200, 192, 208], Enumerable.Range(0, 4).Select(row => Read("model.layers.0.self_attn.k_proj.weight")[row * 8]));
        Assert.Equal([248f, 256, 264, 272], Enumerable.Range(0, 4).Select(row => Read("model.layers.0.self_attn.v_proj.weight")[row * 8]));
        Assert.Equal(312, Read("model.layers.0.self_attn.o_proj.weight")[0]);
        Assert.Equal(440, Read("model.layers.0.post_attention_layernorm.weight")[0]);
        Assert.Equal([456f, 648, 840], new[] { "gate", "down", "up" }.Select(name => Read($"model.layers.0.mlp.{name}_proj.weight")[0]));
        Assert.Equal(1032, Read("model.norm.weight")[0]);
        Assert.Equal(vocabulary > 0, file.Config.HasTiedEmbeddings);
        Assert.Equal(vocabulary < 0, file.TryGetShape("lm_head.weight", out _));
        if (vocabulary < 0)
            Assert.Equal(1064, Read("lm_head.weight")[0]);
        Assert.Throws<KeyNotFoundException>(() => Read("nothing"));
        TransformerModel.Load(file.Config, file).Dispose();
    }

    [Fact]
    public void OtherLengthsAreRefused()
    {
        int length = Length(Header);
        foreach (int other in (int[])[length - 1, length + 4, 28, 27, 0])
            Refuse(Bytes(Header, length + 4).AsSpan(0, other));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, -8)]
    [InlineData(0, int.MaxValue)]
    [InlineData(1, int.MaxValue)]
    [InlineData(2, int.MaxValue)]
    [InlineData(2, 0)]
    [InlineData(5, 0)]
    [InlineData(5, (1 << 24) + 1)]
    [InlineData(5, int.MinValue)]
    [InlineData(6, -1)]
    public void BadHeadersAreRefused(int field, int value)
    {
        int[] header = [.. Header];
        header[field] = value;
        Assert.Contains($"{value}", Refuse(Bytes(header, Length(Header))), StringComparison.Ordinal);
    }

    /// <summary>Of lengths that go with their headers.</summary>
    [Theory]
    [InlineData(3, 3, 1)]
    [InlineData(3, 8, 1)]
    [InlineData(2, 4, 3)]
    [InlineData(1, 2, 2)]
    public void HeadsThatDoNotDivideAreRefused(int heads, int keyValueHeads, int hidden)
    {
        int[] header = [hidden * 4, 12, 2, heads, keyValueHeads, 5, 6];
        Assert.Contains("no Llama model", Refuse(Bytes(header, Length(header))), StringComparison.Ordinal);
    }

    [Fact]
    public void MorePositionsThanTheFileHasAreRefused() => Refuse(Bytes([.. Header[..6], int.MaxValue], Length(Header)));

    /// <summary>Of a length that goes with the header.</summary>
    [Fact]
    public void NoModelHasMoreLayersThanAnyFormatAllows()
    {
        int[] header = [2, 1, ModelLayout.MaxLayers, 1, 1, 1, 1];
        using TemporaryFolder folder = new();
        using (Llama2CFile file = Llama2CFile.Open(folder.Write("model.bin", Bytes(header, Length(header)))))
            Assert.Equal(ModelLayout.MaxLayers, file.Config.LayerCount);
        header[2]++;
        Refuse(Bytes(header, Length(header)));
    }

    private static string Refuse(ReadOnlySpan<byte> bytes)
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("model.bin", bytes);
        string message = Assert.Throws<CheckpointFormatException>(() => Llama2CFile.Open(path)).Message;
        Assert.Contains("model.bin", message, StringComparison.Ordinal);
        return message;
    }

    /// <summary>The formula of the format.</summary>
    private static int Length(int[] header)
    {
        (int hidden, int wide, int layers, int vocabulary) = (header[0], header[1], header[2], Math.Abs(header[5]));
        int headSize = hidden / header[3];
        int layer = hidden + (2 * hidden * hidden) + (2 * hidden * header[4] * headSize) + hidden + (3 * hidden * wide);
        int head = header[5] < 0 ? vocabulary * hidden : 0;
        return sizeof(int) * (header.Length + (vocabulary * hidden) + (layers * layer) + hidden + (header[6] * headSize) + head);
    }

    /// <summary>A header, then the numbers 0, 1, 2, ...</summary>
    private static byte[] Bytes(int[] header, int length)
    {
        float[] values = [.. Enumerable.Range(0, (length / sizeof(float)) - header.Length).Select(i => (float)i)];
        return [.. MemoryMarshal.AsBytes(header.AsSpan()), .. MemoryMarshal.AsBytes(values.AsSpan())];
    }
}
