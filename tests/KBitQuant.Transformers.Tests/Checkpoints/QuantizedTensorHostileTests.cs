using FsCheck.Xunit;
using KBitQuant.DataTypes;
using KBitQuant.Quantization;
using KBitQuant.Transformers.Checkpoints;

namespace KBitQuant.Transformers.Tests.Checkpoints;

/// <summary>Files that claim to be in the quantized layout and are not.</summary>
public class QuantizedTensorHostileTests
{
    private const string Rows = "\"rows\":3", Columns = "\"columns\":17";
    private static readonly QuantizationScheme Plain = new(DataTypeCatalog.Get("int3"), 16);
    private static readonly QuantizationScheme Nested = Plain with { Nested = true, Offset = BlockOffset.Mean };

    /// <summary>What to replace in the description, by what, and words that the message must have.</summary>
    public static TheoryData<string, string, string> Descriptions => new()
    {
        { Rows, "\"rows\":4", "does not go with" },
        { Rows, "\"rows\":-3", "[-3, 17]" },
        { Rows, "\"rows\":3000000000", "'w.rows' is 3000000000; an integer of 32 bits is allowed" },
        { Rows, "\"rows\":\"3\"", "'w.rows' is \"3\"; an integer" },
        { Rows + ",", "", "lacks the member 'rows'" },
        { Rows, Rows + "," + Rows, "not valid JSON" },
        { Rows, Rows + ",\"more\":1", "'more'" },
        { Rows + "," + Columns, "\"rows\":2000000000,\"columns\":2000000000", "2000000000" },
        { "\"type\":\"int3\"", "\"type\":\"\"", "name" },
        { "\"type\":\"int3\"", "\"type\":null", "lacks the member 'type'" },
        { "\"bits\":3", "\"bits\":4", "4 bits" },
        { "\"fitted\":false", "\"fitted\":0", "'w.fitted' is 0; true or false is allowed" },
        { "\"block\":16", "\"block\":-1", "-1 was given" },
        { "\"block\":16", "\"block\":8", "does not go with" },
        { "\"block\":16", "\"block\":1e99", "'w.block' is 1e99" },
        { "\"constants\":\"fp16\"", "\"constants\":\"fp12\"", "'fp12'" },
        { "\"constants\":\"fp16\"", "\"constants\":\"bf16\"", "calls for BF16" },
        { "\"nested\":false", "\"nested\":true", "lacks its part" },
        { "\"offset\":\"none\"", "\"offset\":\"mean\"", "lacks its part" },
        { "\"offset\":\"none\"", "\"offset\":\"Mean\"", "none, mean, minimum" },
        { "{\"w\":", "{\"v\":", "lacks its part 'v.codebook'" },
        { "{\"w\":", "[", "not valid JSON" },
        { "{\"w\":", "{\"w\":{\"a\":[],", "not valid JSON" },
    };

    [Theory]
    [MemberData(nameof(Descriptions))]
    public void A_description_that_does_not_fit_is_refused(string find, string replacement, string words)
    {
        Dictionary<string, string> metadata = Metadata(Plain);
        string json = metadata[QuantizedTensorLayout.TensorsKey];
        Assert.Contains(find, json, StringComparison.Ordinal);
        metadata[QuantizedTensorLayout.TensorsKey] = json.Replace(find, replacement, StringComparison.Ordinal);
        AssertRefused(Entries(Plain), metadata, words);
    }

    [Theory]
    [InlineData("kbitquant.layout", "other", "'other'")]
    [InlineData("kbitquant.layout_version", "2", "version 1 is read")]
    [InlineData("kbitquant.tensors", "", "not valid JSON")]
    [InlineData("kbitquant.tensors", "[]", "the document is an array; an object is allowed")]
    [InlineData("kbitquant.layout", null, "lacks 'kbitquant.layout'")]
    [InlineData("kbitquant.layout_version", null, "lacks 'kbitquant.layout_version'")]
    [InlineData("kbitquant.tensors", null, "lacks 'kbitquant.tensors'")]
    public void Metadata_that_do_not_fit_are_refused(string key, string? text, string words)
    {
        Dictionary<string, string> metadata = Metadata(Plain);
        if (text is null)
            metadata.Remove(key);
        else
            metadata[key] = text;
        AssertRefused(Entries(Plain), metadata, words);
    }

    [Theory]
    [InlineData("w.codes")]
    [InlineData("w.codebook")]
    [InlineData("w.constants.codes")]
    [InlineData("w.constants.outer")]
    [InlineData("w.constants.mean")]
    [InlineData("w.offsets")]
    public void A_missing_part_is_refused(string part) =>
        AssertRefused([.. Entries(Nested).Where(entry => entry.Name != part)], Metadata(Nested), $"'{part}'");

    [Theory]
    [InlineData("w")]
    [InlineData("w.constants.codes")]
    [InlineData("w.constants.outer")]
    [InlineData("w.constants.mean")]
    [InlineData("w.offsets")]
    public void A_superfluous_part_is_refused(string part) =>
        AssertRefused([.. Entries(Plain), Bytes(part, 1)], Metadata(Plain), $"a tensor '{part}'");

    [Theory]
    [InlineData("w.codes")]
    [InlineData("w.codebook")]
    [InlineData("w.constants")]
    public void A_part_of_another_type_or_shape_is_refused(string part) =>
        AssertRefused([.. Entries(Plain).Where(entry => entry.Name != part), Bytes(part, 11)], Metadata(Plain), $"{part} U8 [11]");

    [Fact]
    public void A_table_of_another_scale_is_refused() => AssertRefused(
        [.. Entries(Plain).Where(entry => entry.Name != "w.codebook"), Singles("w.codebook", [-2, -1, 0, 1, 2])], Metadata(Plain), "is not 1");

    [Theory]
    [InlineData(DataType.MinEntries - 1)]
    [InlineData(DataType.MaxEntries + 1)]
    public void A_table_of_another_length_is_refused(int entries) => AssertRefused(
        [.. Entries(Plain).Where(entry => entry.Name != "w.codebook"), Singles("w.codebook", [.. Enumerable.Range(1, entries).Select(i => i / (float)entries)])],
        Metadata(Plain),
        "F32 with 2 to 256 entries");

    [Theory]
    [InlineData(new[] { 1f, 1f, 1f, 1f, 1f })]
    [InlineData(new[] { 0f, 0f, 0f, 0f, 0f })]
    [InlineData(new[] { float.NaN, float.NaN, float.NaN, float.PositiveInfinity, 1f })]
    public void A_table_without_two_values_is_refused(float[] table) => AssertRefused(
        [.. Entries(Plain).Where(entry => entry.Name != "w.codebook"), Singles("w.codebook", table)], Metadata(Plain), "table");

    [Fact]
    public void A_code_beyond_the_table_is_refused_when_read()
    {
        byte[] codes = new byte[20];
        codes[0] = 7;
        AssertUnreadable(Plain, "w.codes", codes, "code 7");
    }

    [Fact]
    public void Bits_behind_the_last_code_are_refused_when_read()
    {
        byte[] codes = new byte[20];
        codes[^1] = 0x80;
        AssertUnreadable(Plain, "w.codes", codes, "are not 0");
    }

    [Fact]
    public void A_nested_constant_that_is_not_a_number_is_refused_when_read() =>
        AssertUnreadable(Nested, "w.constants.mean", BitConverter.GetBytes(float.NaN), "finite");

    [Fact]
    public void A_plain_tensor_in_another_shard_is_refused()
    {
        using TemporaryFolder folder = new();
        SafetensorsWriter.Write(folder.File("a.safetensors"), Entries(Plain), Metadata(Plain));
        SafetensorsWriter.Write(folder.File("b.safetensors"), [Bytes("w", 1)]);
        File.WriteAllText(folder.File("model.safetensors.index.json"), """{"weight_map":{"w.codes":"a.safetensors","w":"b.safetensors"}}""");
        CheckpointFormatException exception = Assert.Throws<CheckpointFormatException>(() => Checkpoint.Open(folder.FullName));
        Assert.Contains("elsewhere quantized", exception.Message, StringComparison.Ordinal);
    }

    /// <summary>Whatever byte is changed, a file is read or refused, and nothing else happens.</summary>
    [Property(MaxTest = 1000)]
    public void Any_byte_may_be_wrong(bool isNested, int seed)
    {
        using TemporaryFolder folder = new();
        QuantizationScheme scheme = isNested ? Nested : Plain;
        string path = folder.File("model.safetensors");
        SafetensorsWriter.Write(path, Entries(scheme), Metadata(scheme));
        byte[] bytes = File.ReadAllBytes(path);
        Random random = new(seed);
        bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        File.WriteAllBytes(path, bytes);
        try
        {
            using Checkpoint checkpoint = Checkpoint.Open(path);
            foreach (string name in checkpoint.Quantized.Keys)
                Assert.True(checkpoint.TryReadQuantized(name, out _));
        }
        catch (CheckpointFormatException exception)
        {
            Assert.StartsWith(path, exception.Message, StringComparison.Ordinal);
        }
    }

    private static SafetensorsEntry[] Entries(QuantizationScheme scheme) =>
        [.. QuantizedTensorLayout.Entries("w", QuantizedTensorLayoutTests.Quantize(scheme, 3, 17, 1))];

    private static Dictionary<string, string> Metadata(QuantizationScheme scheme) => new(QuantizedTensorLayout.Metadata(
        new Dictionary<string, QuantizedTensor> { ["w"] = QuantizedTensorLayoutTests.Quantize(scheme, 3, 17, 1) }));

    private static SafetensorsEntry Bytes(string name, int length) => new(name, SafetensorsDType.U8, [length], new byte[length]);

    private static SafetensorsEntry Singles(string name, float[] values) =>
        new(name, SafetensorsDType.F32, [values.Length], values.SelectMany(BitConverter.GetBytes).ToArray());

    private static void AssertRefused(SafetensorsEntry[] entries, Dictionary<string, string> metadata, string words)
    {
        using TemporaryFolder folder = new();
        SafetensorsWriter.Write(folder.File("model.safetensors"), entries, metadata);
        CheckpointFormatException exception = Assert.Throws<CheckpointFormatException>(() => Checkpoint.Open(folder.FullName));
        Assert.Contains(words, exception.Message, StringComparison.Ordinal);
        Assert.StartsWith(folder.File("model.safetensors"), exception.Message, StringComparison.Ordinal);
    }

    private static void AssertUnreadable(QuantizationScheme scheme, string part, byte[] bytes, string words)
    {
        using TemporaryFolder folder = new();
        SafetensorsEntry[] entries = Entries(scheme);
        SafetensorsEntry original = entries.Single(entry => entry.Name == part);
        SafetensorsWriter.Write(
            folder.File("model.safetensors"),
            [.. entries.Where(entry => entry != original), new SafetensorsEntry(part, original.DType, original.Shape, bytes)],
            Metadata(scheme));
        using Checkpoint checkpoint = Checkpoint.Open(folder.FullName);
        CheckpointFormatException exception = Assert.Throws<CheckpointFormatException>(() => checkpoint.TryReadQuantized("w", out _));
        Assert.Contains(words, exception.Message, StringComparison.Ordinal);
    }
}
