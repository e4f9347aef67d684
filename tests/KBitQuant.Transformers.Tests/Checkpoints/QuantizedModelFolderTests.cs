using KBitQuant.DataTypes;
using KBitQuant.Quantization;
using KBitQuant.Transformers.Checkpoints;

namespace KBitQuant.Transformers.Tests.Checkpoints;

public sealed class QuantizedModelFolderTests : IDisposable
{
    private static readonly QuantizationScheme Scheme = new(DataTypeCatalog.Get("nf3"), 16);

    private readonly TemporaryFolder _folder = new();
    private readonly Checkpoint _source;
    private readonly Dictionary<string, QuantizedTensor> _quantized =
        new() { ["w"] = QuantizedTensorLayoutTests.Quantize(Scheme, 3, 17, 1) };

    public QuantizedModelFolderTests()
    {
        Directory.CreateDirectory(_folder.File("source"));
        SafetensorsEntry[] entries =
        [
            new("w", SafetensorsDType.F32, [3, 17], new byte[4 * 3 * 17]),
            new("norm", SafetensorsDType.BF16, [3], new byte[] { 1, 2, 3, 4, 5, 6 }),
            new("mask", SafetensorsDType.Bool, [1, 2], new byte[] { 1, 0 }),
        ];
        SafetensorsWriter.Write(_folder.File("source/model.safetensors"), entries, new Dictionary<string, string> { ["format"] = "pt" });
        _folder.Write("source/config.json", "{ }"u8);
        _folder.Write("source/tokenizer.json", "{}"u8);
        _folder.Write("source/notes.txt", "private"u8);
        _source = Checkpoint.Open(_folder.File("source"));
    }

    public void Dispose()
    {
        _source.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_folder_holds_quantized_and_other_tensors_and_the_models_files()
    {
        string target = _folder.File("new/target");
        Save(_source, _quantized, target);
        Assert.Equal(["config.json", "model.safetensors", "tokenizer.json"], Directory.GetFiles(target).Select(Path.GetFileName).Order());
        Assert.Equal("{ }", File.ReadAllText(Path.Combine(target, "config.json")));
        using Checkpoint loaded = Checkpoint.Open(target);
        Assert.True(loaded.TryReadQuantized("w", out QuantizedTensor? tensor));
        QuantizedTensorLayoutTests.AssertSame(_quantized["w"], tensor);
        Assert.False(loaded.TryGet("w", out _));
        foreach (string name in new[] { "norm", "mask" })
        {
            Assert.True(loaded.TryGet(name, out SafetensorsTensor? copy));
            Assert.True(_source.TryGet(name, out SafetensorsTensor? original));
            Assert.Equal(original.ToString(), copy.ToString());
            Assert.True(_source.ShardOf(name).GetBytes(name).SequenceEqual(loaded.ShardOf(name).GetBytes(name)));
        }

        Assert.Equal("pt", loaded.Shards[0].Metadata["format"]);
    }

    [Fact]
    public void What_lies_beside_a_file_is_the_models_too()
    {
        using Checkpoint file = Checkpoint.Open(_folder.File("source/model.safetensors"));
        Save(file, _quantized, _folder.File("target"));
        Assert.Equal(["config.json", "model.safetensors", "tokenizer.json"], Directory.GetFiles(_folder.File("target")).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void An_empty_folder_is_taken_and_a_full_one_refused()
    {
        string target = _folder.File("target");
        Directory.CreateDirectory(target);
        Save(_source, _quantized, target);
        byte[] before = File.ReadAllBytes(Path.Combine(target, "model.safetensors"));
        IOException exception = Assert.Throws<IOException>(() => Save(_source, _quantized, target));
        Assert.Contains("not empty", exception.Message, StringComparison.Ordinal);
        Assert.Throws<IOException>(() => QuantizedModelFolder.ThrowIfTaken(target));
        Assert.Equal(before, File.ReadAllBytes(Path.Combine(target, "model.safetensors")));
    }

    [Fact]
    public void A_file_in_the_way_is_refused()
    {
        _folder.Write("target", [1]);
        Assert.Throws<IOException>(() => Save(_source, _quantized, _folder.File("target")));
    }

    [Fact]
    public void Cancellation_leaves_nothing()
    {
        using CancellationTokenSource cancellation = new();
        cancellation.Cancel();
        Assert.Throws<OperationCanceledException>(() => QuantizedModelFolder.Save(_source, _quantized, _folder.File("target"), cancellationToken: cancellation.Token));
        Assert.Equal(["source"], Directory.EnumerateFileSystemEntries(_folder.FullName).Select(Path.GetFileName));
    }

    [Fact]
    public void Cancellation_between_tensors_leaves_nothing()
    {
        using CancellationTokenSource cancellation = new();
        var progress = new CancelAt(cancellation, reports: 2);
        Assert.Throws<OperationCanceledException>(() => QuantizedModelFolder.Save(_source, _quantized, _folder.File("target"), progress, cancellation.Token));
        Assert.Equal(2, progress.Reports);
        Assert.Equal(["source"], Directory.EnumerateFileSystemEntries(_folder.FullName).Select(Path.GetFileName));
    }

    [Fact]
    public void Progress_ends_at_one()
    {
        var progress = new RecordedProgress();
        QuantizedModelFolder.Save(_source, _quantized, _folder.File("target"), progress);
        Assert.Equal(1, progress.Values[^1]);
        Assert.Equal(progress.Values.Order(), progress.Values);
    }

    [Fact]
    public void What_was_saved_with_nothing_quantized_can_be_saved_again()
    {
        Save(_source, new Dictionary<string, QuantizedTensor>(), _folder.File("plain"));
        using Checkpoint plain = Checkpoint.Open(_folder.File("plain"));
        Save(plain, _quantized, _folder.File("target"));
        using Checkpoint loaded = Checkpoint.Open(_folder.File("target"));
        Assert.Equal(["w"], loaded.Quantized.Keys);
    }

    [Fact]
    public void Weights_that_the_source_lacks_or_has_in_another_shape_are_refused()
    {
        string target = _folder.File("target");
        QuantizedTensor other = QuantizedTensorLayoutTests.Quantize(Scheme, 17, 3, 1);
        Assert.Throws<ArgumentException>(() => Save(_source, new Dictionary<string, QuantizedTensor> { ["v"] = other }, target));
        Assert.Throws<ArgumentException>(() => Save(_source, new Dictionary<string, QuantizedTensor> { ["w"] = other }, target));
        Assert.False(Directory.Exists(target));
    }

    [Fact]
    public void A_quantized_source_is_refused()
    {
        Save(_source, _quantized, _folder.File("target"));
        using Checkpoint again = Checkpoint.Open(_folder.File("target"));
        ArgumentException exception = Assert.Throws<ArgumentException>(
            () => Save(again, new Dictionary<string, QuantizedTensor>(), _folder.File("again")));
        Assert.Contains("quantized already", exception.Message, StringComparison.Ordinal);
    }

    private static void Save(Checkpoint source, IReadOnlyDictionary<string, QuantizedTensor> quantized, string folder) =>
        QuantizedModelFolder.Save(source, quantized, folder);
}
