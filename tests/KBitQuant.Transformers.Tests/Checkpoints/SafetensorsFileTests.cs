using System.Runtime.InteropServices;
using System.Text;
using FsCheck.Xunit;
using KBitQuant.Numerics;
using KBitQuant.Transformers.Checkpoints;
using static KBitQuant.Transformers.Tests.Checkpoints.SafetensorsBytes;

namespace KBitQuant.Transformers.Tests.Checkpoints;

public class SafetensorsFileTests
{
    [Property(MaxTest = 200)]
    public void WrittenTensorsReadBack((byte DType, byte[] Shape, int Seed)[] tensors, Dictionary<string, string> texts)
    {
        using TemporaryFolder folder = new();
        Dictionary<string, string> metadata = texts.Where(pair => IsUnicode(pair.Key) && IsUnicode(pair.Value)).ToDictionary();
        (SafetensorsEntry Entry, byte[] Bytes)[] written = [.. tensors.Select((tensor, i) => MakeEntry($"t{i}\"é", tensor))];
        string path = folder.File("model.safetensors");

        SafetensorsWriter.Write(path, written.Select(pair => pair.Entry), metadata);

        using SafetensorsFile file = SafetensorsFile.Open(path);
        Assert.Equal(written.Length, file.Tensors.Count);
        Assert.Equal(metadata.OrderBy(pair => pair.Key), file.Metadata.OrderBy(pair => pair.Key));
        foreach ((SafetensorsEntry entry, byte[] bytes) in written)
        {
            Assert.True(file.TryGet(entry.Name, out SafetensorsTensor? tensor));
            Assert.Same(entry.DType, tensor.DType);
            Assert.Equal(entry.Shape, tensor.Shape);
            Assert.Equal(entry.Shape.Aggregate(1L, (product, dimension) => product * dimension), tensor.ElementCount);
            Assert.Equal(bytes, file.GetBytes(entry.Name));
        }

        Assert.Equal(path, Assert.Single(Directory.GetFiles(folder.FullName)));
    }

    [Fact]
    public void EveryDTypeIsFoundByItsName()
    {
        Assert.Equal(20, SafetensorsDType.All.Count);
        foreach (SafetensorsDType dtype in SafetensorsDType.All)
        {
            Assert.True(SafetensorsDType.TryParse(dtype.Name, out SafetensorsDType? found));
            Assert.Same(dtype, found);
            if (dtype.ElementType is { } type)
                Assert.Equal(dtype.Bits, 8 * Marshal.SizeOf(type));
        }
    }

    [Fact]
    public void FloatsOfEveryWidthWiden()
    {
        float[] expected = [0f, -0f, 1.5f, -2f, float.PositiveInfinity, float.NaN, 0.0009765625f];
        using TemporaryFolder folder = new();
        string path = folder.File("model.safetensors");
        Half[] halves = [.. expected.Select(value => (Half)value)];
        BFloat16[] brains = [.. expected.Select(value => (BFloat16)value)];
        double[] doubles = [.. expected.Select(value => (double)value)];
        SafetensorsWriter.Write(path, [
            Entry("half", SafetensorsDType.F16, halves), Entry("brain", SafetensorsDType.BF16, brains),
            Entry("single", SafetensorsDType.F32, expected), Entry("double", SafetensorsDType.F64, doubles),
            Entry("integer", SafetensorsDType.I32, [1, 2]),
        ]);

        using SafetensorsFile file = SafetensorsFile.Open(path);

        foreach (string name in (string[])["half", "brain", "single", "double"])
            Assert.Equal(MemoryMarshal.AsBytes<float>(expected), MemoryMarshal.AsBytes<float>(file.ReadSingle(name)));
        Assert.Equal(halves, file.Get<Half>("half"));
        Assert.Equal([1, 2], file.Get<int>("integer"));
        Assert.Contains("I32", Assert.Throws<ArgumentException>(() => file.ReadSingle("integer")).Message);
        Assert.Contains("Half", Assert.Throws<ArgumentException>(() => file.Get<short>("half").Length).Message);
        Assert.Throws<ArgumentException>(() => file.ReadSingle("half", new float[6]));
        Assert.Contains("'none'", Assert.Throws<KeyNotFoundException>(() => file.GetBytes("none").Length).Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public unsafe void UnalignedTensorsAreRead(int padding)
    {
        using TemporaryFolder folder = new();
        byte[] bytes = Make($"{{{Tensor("a", "F32", "[2]", "[0,8]")}}}{new string(' ', padding)}", 8);
        float[] expected = [1.25f, -3f];
        MemoryMarshal.AsBytes<float>(expected).CopyTo(bytes.AsSpan(bytes.Length - 8));

        using SafetensorsFile file = SafetensorsFile.Open(folder.Write("x.safetensors", bytes));

        Assert.Equal(expected, file.Get<float>("a"));
        Assert.Equal(expected, file.ReadSingle("a"));
        fixed (float* elements = file.Get<float>("a"))
            Assert.Equal(0, (nint)elements % sizeof(float));
    }

    [Fact]
    public void FilesWithoutElementsAreFine()
    {
        using TemporaryFolder folder = new();
        using (SafetensorsFile empty = SafetensorsFile.Open(folder.Write("empty.safetensors", Make("{}  ", 0))))
            Assert.Empty(empty.Tensors);
        string[] tensors = [Tensor("none", "F32", "[0,9223372036854775807]", "[4,4]"), Tensor("scalar", "F32", "[]", "[0,4]")];
        using SafetensorsFile file = SafetensorsFile.Open(folder.Write("x.safetensors", Make($"{{{string.Join(',', tensors)}}}", 4)));
        Assert.Empty(file.ReadSingle("none"));
        Assert.Equal([0f], file.ReadSingle("scalar"));
    }

    [Fact]
    public void KeysOfLaterVersionsAreSkipped()
    {
        using TemporaryFolder folder = new();
        using SafetensorsFile file = SafetensorsFile.Open(folder.Write(
            "x.safetensors", Make("{\"a\":{\"new\":{\"x\":[1]},\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}", 2)));
        Assert.Equal(2, file.GetBytes("a").Length);
    }

    [Fact]
    public void TensorsBeyondASpanAreRefusedClearly()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("big.safetensors");
        byte[] header = Encoding.UTF8.GetBytes($"{{{Tensor("a", "U8", "[2147483648]", "[0,2147483648]")}}}");
        using (FileStream stream = File.Create(path))
        {
            stream.Write(Make(header, 0));
            stream.SetLength(stream.Length + 2147483648L);
        }

        using SafetensorsFile file = SafetensorsFile.Open(path);

        Assert.Contains("too long", Assert.Throws<NotSupportedException>(() => file.GetBytes("a").Length).Message);
    }

    [Fact]
    public void UseAfterDisposeIsRefused()
    {
        using TemporaryFolder folder = new();
        byte[] bytes = Make($"{{{Tensor("a", "U8", "[2]", "[0,2]")}}}", 2);
        SafetensorsFile file = SafetensorsFile.Open(folder.Write("x.safetensors", bytes));
        file.Dispose();
        file.Dispose();
        Assert.Throws<ObjectDisposedException>(() => file.GetBytes("a").Length);
    }

    [Fact]
    public void GoldenFileIsRead()
    {
        using SafetensorsFile file = SafetensorsFile.Open(SharedFiles.Require("golden", "bitsandbytes.safetensors"));
        Assert.NotEmpty(file.Tensors);
        Assert.Equal(1f, file.ReadSingle("code.nf4")[15]);
    }

    internal static SafetensorsEntry Entry<T>(string name, SafetensorsDType dtype, T[] values)
        where T : unmanaged
        => new(name, dtype, [values.Length], MemoryMarshal.AsBytes<T>(values).ToArray());

    private static (SafetensorsEntry Entry, byte[] Bytes) MakeEntry(string name, (byte DType, byte[] Shape, int Seed) tensor)
    {
        SafetensorsDType dtype = SafetensorsDType.All[tensor.DType % SafetensorsDType.All.Count];
        // The last dimension is a multiple of four, so that elements of 4 and 6 bits fill whole bytes.
        long[] shape = dtype.Bits < 8
            ? [.. tensor.Shape.Take(3).Select(value => value % 5L), 4]
            : [.. tensor.Shape.Take(4).Select(value => value % 5L)];
        byte[] bytes = new byte[shape.Aggregate(1L, (product, dimension) => product * dimension) * dtype.Bits / 8];
        new Random(tensor.Seed).NextBytes(bytes);
        bool fromMemory = tensor.Seed % 2 == 0;
        return (fromMemory ? new(name, dtype, shape, bytes) : new(name, dtype, shape, stream => stream.Write(bytes)), bytes);
    }

    private static bool IsUnicode(string? text) =>
        text is not null && text == Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
}
