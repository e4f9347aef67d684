using System.Text;
using System.Text.Json;
using KBitQuant.Transformers.Checkpoints;
using KBitQuant.Transformers.Models;
using KBitQuant.Transformers.Tokenization;

namespace KBitQuant.Transformers.Tests.Checkpoints;

public class CheckpointTests
{
    private const string Index = "model.safetensors.index.json";

    [Fact]
    public void ShardsAreOneSurface()
    {
        using TemporaryFolder folder = MakeShards();
        WriteIndex(folder, """{"metadata":{"total_size":8},"weight_map":{"a":"1.safetensors","b":"2.safetensors"}}""");

        foreach (string path in (string[])[folder.FullName, folder.File(Index)])
        {
            using Checkpoint checkpoint = Checkpoint.Open(path);
            Assert.Equal(folder.FullName, checkpoint.Folder);
            Assert.Equal(["a", "b"], checkpoint.Names.Order());
            Assert.Equal([1f, 2f], checkpoint.ReadSingle("a"));
            Assert.Equal([3f], checkpoint.ShardOf("b").Get<float>("b"));
            Assert.Equal(4, checkpoint.ShardOf("b").GetBytes("b").Length);
            Assert.Equal(folder.File("2.safetensors"), checkpoint.ShardOf("b").Path);
            Assert.True(checkpoint.TryGet("a", out SafetensorsTensor? tensor));
            Assert.Equal([2L], tensor.Shape);
            Assert.False(checkpoint.TryGet("c", out _));
            Assert.Throws<KeyNotFoundException>(() => checkpoint.ReadSingle("c"));
        }
    }

    [Fact]
    public void AnEmptyPathIsNowhere()
    {
        foreach (Action<string> open in (Action<string>[])
            [
                path => Checkpoint.Open(path), path => SafetensorsFile.Open(path), path => Llama2CFile.Open(path),
                path => TextTokenizer.Load(path), path => ModelConfig.Load(path), path => TransformerModel.Load(path),
            ])
        {
            Assert.Contains("''", Assert.Throws<FileNotFoundException>(() => open("")).Message);
        }
    }

    [Fact]
    public void SingleFilesAndFoldersOpen()
    {
        using TemporaryFolder folder = MakeShards();
        using (Checkpoint file = Checkpoint.Open(folder.File("1.safetensors")))
            Assert.Equal(["a"], file.Names);
        File.Move(folder.File("1.safetensors"), folder.File("model.safetensors"));
        using Checkpoint checkpoint = Checkpoint.Open(folder.FullName);
        Assert.Equal(["a"], checkpoint.Names);
        Assert.Single(checkpoint.Shards);
    }

    [Theory]
    [InlineData("../1.safetensors")]
    [InlineData("/etc/passwd")]
    [InlineData("..\\1.safetensors")]
    [InlineData("C:1.safetensors")]
    [InlineData("sub/1.safetensors")]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("")]
    public void ShardsOutsideTheFolderAreRefused(string shard)
    {
        using TemporaryFolder folder = MakeShards();
        WriteIndex(folder, $"{{\"weight_map\":{{\"a\":\"{JsonEncodedText.Encode(shard)}\"}}}}");
        Assert.Contains("same folder", Refuse(folder));
    }

    [Theory]
    [InlineData("""{"weight_map":{"a":"2.safetensors"}}""", "which lacks it")]
    [InlineData("""{"weight_map":{"none":"1.safetensors"}}""", "which lacks it")]
    [InlineData("""{"weight_map":{"a":"1.safetensors","b":"2.safetensors","a":"2.safetensors"}}""", "Duplicate")]
    [InlineData("""{"weight_map":{"a":"1.safetensors","b":"copy.safetensors","c":"2.safetensors"}}""", "too")]
    [InlineData("""{"weight_map":{"a":1}}""", "'weight_map.a' is 1; a text is allowed")]
    [InlineData("""{"weight_map":{"a":"\ud800"}}""", "UTF-16")]
    [InlineData("""{"weight_map":[]}""", "'weight_map' is an array; an object is allowed")]
    [InlineData("{}", "'weight_map' is missing")]
    [InlineData("[]", "the document is an array; an object is allowed")]
    [InlineData("", "not valid JSON")]
    [InlineData("{\"weight_map\":{\"a\":\"1.safetensors\"}", "not valid JSON")]
    public void BadIndexesAreRefused(string index, string message)
    {
        using TemporaryFolder folder = MakeShards();
        File.Copy(folder.File("2.safetensors"), folder.File("copy.safetensors"));
        WriteIndex(folder, index);
        Assert.Contains(message, Refuse(folder), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void DeepIndexIsRefused()
    {
        using TemporaryFolder folder = MakeShards();
        WriteIndex(folder, new string('[', 100_000));
        Assert.Contains("not valid JSON", Refuse(folder));
    }

    [Fact]
    public void MissingFilesAreNamed()
    {
        using TemporaryFolder folder = new();
        Assert.Contains("model.safetensors", Missing(folder.FullName));
        Assert.Contains("nowhere", Missing(folder.File("nowhere")));
        WriteIndex(folder, """{"weight_map":{"a":"1.safetensors"}}""");
        Assert.Contains("1.safetensors", Missing(folder.FullName));
    }

    [Theory]
    [InlineData("kbq-neox-670k")]
    [InlineData("kbq-neox-2m")]
    [InlineData("kbq-neox-7m")]
    [InlineData("kbq-neox-29m")]
    public void RealModelsOpen(string model)
    {
        using Checkpoint checkpoint = Checkpoint.Open(SharedFiles.Require("models", model));
        Assert.True(checkpoint.TryGet("gpt_neox.embed_in.weight", out SafetensorsTensor? embedding));
        Assert.Same(SafetensorsDType.F16, embedding.DType);
        Assert.All(checkpoint.ReadSingle(embedding.Name), value => Assert.True(float.IsFinite(value)));
    }

    private static TemporaryFolder MakeShards()
    {
        TemporaryFolder folder = new();
        SafetensorsWriter.Write(folder.File("1.safetensors"), [SafetensorsFileTests.Entry("a", SafetensorsDType.F32, [1f, 2f])]);
        SafetensorsWriter.Write(folder.File("2.safetensors"), [SafetensorsFileTests.Entry("b", SafetensorsDType.F32, [3f])]);
        return folder;
    }

    private static void WriteIndex(TemporaryFolder folder, string json) => folder.Write(Index, Encoding.UTF8.GetBytes(json));

    private static string Refuse(TemporaryFolder folder) =>
        Assert.Throws<CheckpointFormatException>(() => Checkpoint.Open(folder.FullName)).Message;

    private static string Missing(string path) => Assert.Throws<FileNotFoundException>(() => Checkpoint.Open(path)).Message;
}
