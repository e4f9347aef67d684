using FsCheck.Xunit;
using KBitQuant.DataTypes;
using KBitQuant.Quantization;
using KBitQuant.Transformers.Checkpoints;

namespace KBitQuant.Transformers.Tests.Checkpoints;

public class QuantizedTensorLayoutTests
{
    private static readonly DataType[] Types =
    [
        .. DataTypeCatalog.All,
        new DataType("two", [-1, 1]),
        new DataType("signed zeros", [-1, -0.0f, 0.0f, 0.5f, 1]),
        // A name of the catalogue with a table of its own: the table counts.
        new DataType("nf4", [-1, 0, 1]),
        new DataType("of 256", [.. Enumerable.Range(0, 256).Select(i => i / 255f)]),
    ];

    [Property(MaxTest = 300)]
    public void What_is_loaded_is_what_was_saved(int type, int seed, byte rows, byte columns, ushort block, int format, bool isNested, int offset)
    {
        QuantizationScheme scheme = new(Pick(Types, type), block % 300)
        {
            Constants = Pick([.. ConstantFormat.All], format),
            Nested = isNested,
            Offset = Pick(Enum.GetValues<BlockOffset>(), offset),
        };
        QuantizedTensor saved = Quantize(scheme, 1 + (rows % 40), 1 + (columns % 70), seed);
        using TemporaryFolder folder = new();
        Save(folder.File("model.safetensors"), new() { ["a.weight"] = saved });
        using Checkpoint checkpoint = Checkpoint.Open(folder.FullName);
        Assert.True(checkpoint.TryReadQuantized("a.weight", out QuantizedTensor? loaded));
        AssertSame(saved, loaded);
        QuantizedTensorInfo info = checkpoint.Quantized["a.weight"];
        Assert.Equal(saved.Bits, info.Bits);
        Assert.Equal((saved.Rows, saved.Columns), (info.Rows, info.Columns));
        Assert.Equal(checkpoint.Names.Order(), info.PartNames.Order());
    }

    [Fact]
    public void Types_of_the_catalogue_are_found_again()
    {
        using TemporaryFolder folder = new();
        Save(folder.File("model.safetensors"), new() { ["w"] = Quantize(new(DataTypeCatalog.Get("nf4")), 3, 17, 1) });
        using Checkpoint checkpoint = Checkpoint.Open(folder.FullName);
        Assert.Same(DataTypeCatalog.Get("nf4"), checkpoint.Quantized["w"].Scheme.DataType);
    }

    [Fact]
    public void Tables_that_differ_in_the_sign_of_zero_are_different()
    {
        DataType positive = new("a", [-1, 0.0f, 1]), negative = new("a", [-1, -0.0f, 1]);
        Assert.False(positive.IsSameAs(negative));
    }

    [Theory]
    [InlineData(DataType.MinEntries)]
    [InlineData(DataType.MaxEntries)]
    public void The_shortest_and_the_longest_table_survive(int entries)
    {
        DataType type = new("table", [.. Enumerable.Range(0, entries).Select(code => code / (entries - 1f))]);
        AssertSurvives(Quantize(new(type, 16), 5, 70, 1));
    }

    [Fact]
    public void A_tensor_without_elements_survives() => AssertSurvives(new(0, 5, new(DataTypeCatalog.Get("int3")), [], [], null, []));

    [Fact]
    public void Other_names_are_not_quantized()
    {
        using TemporaryFolder folder = new();
        Save(folder.File("model.safetensors"), new() { ["w"] = Quantize(new(DataTypeCatalog.Get("int3")), 2, 2, 1) });
        using Checkpoint checkpoint = Checkpoint.Open(folder.FullName);
        Assert.False(checkpoint.TryReadQuantized("w.codes", out QuantizedTensor? tensor));
        Assert.Null(tensor);
    }

    internal static QuantizedTensor Quantize(QuantizationScheme scheme, int rows, int columns, int seed)
    {
        Random random = new(seed);
        float[] values = [.. Enumerable.Range(0, rows * columns).Select(_ => (float)((random.NextDouble() * 2) - 1))];
        return BlockwiseQuantizer.Quantize<float>(values, rows, columns, scheme);
    }

    internal static void Save(string path, Dictionary<string, QuantizedTensor> tensors) => SafetensorsWriter.Write(
        path, tensors.SelectMany(pair => QuantizedTensorLayout.Entries(pair.Key, pair.Value)), QuantizedTensorLayout.Metadata(tensors));

    internal static void AssertSame(QuantizedTensor expected, QuantizedTensor actual)
    {
        Assert.Equal((expected.Rows, expected.Columns), (actual.Rows, actual.Columns));
        Assert.True(expected.Scheme.DataType.IsSameAs(actual.Scheme.DataType));
        Assert.Equal(expected.Scheme.DataType.IsFitted, actual.Scheme.DataType.IsFitted);
        Assert.Equal(expected.Scheme, actual.Scheme with { DataType = expected.Scheme.DataType });
        Assert.True(expected.Codes.SequenceEqual(actual.Codes));
        Assert.True(expected.Constants.SequenceEqual(actual.Constants));
        Assert.True(expected.Offsets.SequenceEqual(actual.Offsets));
        Assert.Equal(expected.Nested is null, actual.Nested is null);
        if (expected.Nested is null || actual.Nested is null)
            return;
        Assert.True(expected.Nested.Codes.SequenceEqual(actual.Nested.Codes));
        Assert.True(expected.Nested.Outer.SequenceEqual(actual.Nested.Outer));
        Assert.Equal(expected.Nested.Mean, actual.Nested.Mean);
    }

    private static void AssertSurvives(QuantizedTensor saved)
    {
        using TemporaryFolder folder = new();
        Save(folder.File("model.safetensors"), new() { ["w"] = saved });
        using Checkpoint checkpoint = Checkpoint.Open(folder.FullName);
        Assert.True(checkpoint.TryReadQuantized("w", out QuantizedTensor? loaded));
        AssertSame(saved, loaded);
    }

    private static T Pick<T>(T[] values, int index) => values[(int)((uint)index % values.Length)];
}
