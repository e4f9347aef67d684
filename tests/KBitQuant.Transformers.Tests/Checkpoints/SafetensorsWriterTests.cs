using System.Buffers.Binary;
using KBitQuant.Transformers.Checkpoints;

namespace KBitQuant.Transformers.Tests.Checkpoints;

public class SafetensorsWriterTests
{
    private static readonly SafetensorsEntry[] Entries =
    [
        SafetensorsFileTests.Entry<byte>("z", SafetensorsDType.U8, [1, 2, 3]),
        SafetensorsFileTests.Entry<long>("b", SafetensorsDType.I64, [4]),
        SafetensorsFileTests.Entry<long>("a", SafetensorsDType.I64, [5]),
        SafetensorsFileTests.Entry<short>("y", SafetensorsDType.I16, [6]),
    ];

    [Fact]
    public void OrderOfEntriesAndMetadataDoesNotMatter()
    {
        using TemporaryFolder folder = new();
        SafetensorsWriter.Write(folder.File("1"), Entries, new Dictionary<string, string> { ["k"] = "1", ["j"] = "2" });
        SafetensorsWriter.Write(folder.File("2"), Entries.Reverse(), new Dictionary<string, string> { ["j"] = "2", ["k"] = "1" });
        Assert.Equal(File.ReadAllBytes(folder.File("1")), File.ReadAllBytes(folder.File("2")));
    }

    [Fact]
    public void TensorsAreAligned()
    {
        using TemporaryFolder folder = new();
        SafetensorsWriter.Write(folder.File("x"), Entries);
        Assert.Equal(0UL, BinaryPrimitives.ReadUInt64LittleEndian(File.ReadAllBytes(folder.File("x"))) % 8);
        using SafetensorsFile file = SafetensorsFile.Open(folder.File("x"));
        Assert.Equal(["a", "b", "y", "z"], file.Tensors.Select(tensor => tensor.Name));
        Assert.All(file.Tensors, tensor => Assert.Equal(0, tensor.Offset % (tensor.DType.Bits / 8)));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void WrongByteCountLeavesTheOldFileAlone(int written)
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("x", "old"u8);
        SafetensorsEntry wrong = new("w", SafetensorsDType.U8, [3], stream => stream.Write(new byte[written]));

        InvalidOperationException exception =
            Assert.Throws<InvalidOperationException>(() => SafetensorsWriter.Write(path, [.. Entries, wrong]));

        Assert.Contains("'w'", exception.Message);
        Assert.Equal("old"u8, File.ReadAllBytes(path));
        Assert.Single(Directory.GetFiles(folder.FullName));
    }

    [Fact]
    public void AFailingEntryLeavesNothing()
    {
        using TemporaryFolder folder = new();
        SafetensorsEntry failing = new("f", SafetensorsDType.U8, [3], _ => throw new IOException("broken"));
        Assert.Throws<IOException>(() => SafetensorsWriter.Write(folder.File("x"), [failing]));
        Assert.Empty(Directory.GetFiles(folder.FullName));
    }

    [Fact]
    public void BadEntriesAreRefused()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("x");
        Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(path, [Entries[0], Entries[0]]));
        Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(path, [Entries[0], null!]));
        Assert.Throws<ArgumentException>(() => new SafetensorsEntry("__metadata__", SafetensorsDType.U8, [0], Array.Empty<byte>()));
        Assert.Throws<ArgumentException>(() => new SafetensorsEntry("\ud800", SafetensorsDType.U8, [0], Array.Empty<byte>()));
        Assert.Throws<ArgumentException>(() => new SafetensorsEntry("a", SafetensorsDType.U8, [2], new byte[3]));
        Assert.Throws<ArgumentException>(() => new SafetensorsEntry("a", SafetensorsDType.F4, [3], new byte[2]));
        Assert.Throws<ArgumentException>(() => new SafetensorsEntry("a", SafetensorsDType.U8, [long.MaxValue, 2], new byte[2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SafetensorsEntry("a", SafetensorsDType.U8, [-1], new byte[2]));
        Assert.Throws<ArgumentException>(
            () => SafetensorsWriter.Write(path, Entries, new Dictionary<string, string> { ["k"] = "\udc00" }));
        Assert.Empty(Directory.GetFiles(folder.FullName));
    }
}
