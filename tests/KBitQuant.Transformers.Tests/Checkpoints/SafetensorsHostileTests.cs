using FsCheck.Xunit;
using KBitQuant.Transformers.Checkpoints;
using static KBitQuant.Transformers.Tests.Checkpoints.SafetensorsBytes;

namespace KBitQuant.Transformers.Tests.Checkpoints;

public class SafetensorsHostileTests
{
    private const string Good = "\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}";

    /// <summary>What is wrong, the file, and words that the message must have.</summary>
    public static TheoryData<string, byte[], string> Files => new()
    {
        { "no bytes", [], "0 bytes" },
        { "shorter than the length", new byte[7], "7 bytes" },
        { "empty header", new byte[8], "not valid JSON" },
        { "header past the end", WithLength(1000, "{}"u8.ToArray(), 0), "only 2 follow" },
        { "header of 2^64-1", WithLength(ulong.MaxValue, "{}"u8.ToArray(), 0), "100000000 are allowed" },
        { "header of 2^63", WithLength(1UL << 63, "{}"u8.ToArray(), 0), "100000000 are allowed" },
        { "header over the limit", WithLength(100_000_001, "{}"u8.ToArray(), 0), "100000000 are allowed" },
        { "header at the limit, file short", WithLength(100_000_000, "{}"u8.ToArray(), 0), "only 2 follow" },
        { "not JSON", Make("hello", 0), "not valid JSON" },
        { "pickle", Make([0x80, 0x02, 0x7D], 0), "not valid JSON" },
        { "JSON array", Make("[]", 0), "all of it is an array; an object is allowed" },
        { "cut JSON", Make("{\"a\":{", 0), "not valid JSON" },
        { "text after the JSON", Make("{} x", 0), "not valid JSON" },
        { "two roots", Make("{}{}", 0), "not valid JSON" },
        { "comment", Make("{/**/}", 0), "not valid JSON" },
        { "invalid UTF-8 name", Make([.. "{\""u8, 0xC0, .. "\":1}"u8], 0), "the safetensors header: " },
        { "unpaired surrogate", Make("{\"\\ud800\":1}", 0), "the safetensors header: " },
        { "deep JSON", Make(new string('[', 100_000), 0), "an object is allowed" },
        { "deep JSON inside a tensor", Make("{\"a\":{\"x\":" + new string('[', 50_000) + new string(']', 50_000) + "}}", 0), "not valid JSON" },
        { "tensor is a number", Make("{\"a\":1}", 0), "tensor 'a' is a number; an object is allowed" },
        { "no dtype", Make("{\"a\":{\"shape\":[2],\"data_offsets\":[0,2]}}", 2), "lacks" },
        { "no shape", Make("{\"a\":{\"dtype\":\"U8\",\"data_offsets\":[0,2]}}", 2), "lacks" },
        { "no offsets", Make("{\"a\":{\"dtype\":\"U8\",\"shape\":[2]}}", 2), "lacks" },
        { "one offset", Make($"{{{Tensor("a", "U8", "[2]", "[2]")}}}", 2), "lacks" },
        { "three offsets", Make($"{{{Tensor("a", "U8", "[2]", "[0,2,2]")}}}", 2), "more than 2" },
        { "unknown dtype", Make($"{{{Tensor("a", "F7", "[2]", "[0,2]")}}}", 2), "'F7'; known are" },
        { "dtype in lower case", Make($"{{{Tensor("a", "u8", "[2]", "[0,2]")}}}", 2), "'u8'; known are" },
        { "negative dimension", Make($"{{{Tensor("a", "U8", "[-2]", "[0,2]")}}}", 2), "integers from 0" },
        { "fractional dimension", Make($"{{{Tensor("a", "U8", "[2.5]", "[0,2]")}}}", 2), "integers from 0" },
        { "text as dimension", Make($"{{{Tensor("a", "U8", "[\"2\"]", "[0,2]")}}}", 2), "integers from 0" },
        { "nested shape", Make($"{{{Tensor("a", "U8", "[[2]]", "[0,2]")}}}", 2), "integers from 0" },
        { "shape null", Make($"{{{Tensor("a", "U8", "null", "[0,2]")}}}", 2), "shape of 'a' is null; an array is allowed" },
        { "dimension 2^63", Make($"{{{Tensor("a", "U8", "[9223372036854775808]", "[0,2]")}}}", 2), "integers from 0" },
        { "dimension 2^63-1", Make($"{{{Tensor("a", "U8", "[9223372036854775807]", "[0,2]")}}}", 2), "more than 2^63 bits" },
        { "elements wrap to 0", Make($"{{{Tensor("a", "U8", "[4294967296,4294967296]", "[0,0]")}}}", 0), "more than 2^63 elements" },
        { "bits wrap to 0", Make($"{{{Tensor("a", "F32", "[4611686018427387904]", "[0,0]")}}}", 0), "more than 2^63 bits" },
        { "too many dimensions", Make($"{{{Tensor("a", "U8", $"[{string.Join(',', Enumerable.Repeat(1, 65))}]", "[0,1]")}}}", 1), "more than 64" },
        { "negative offset", Make($"{{{Tensor("a", "U8", "[2]", "[-2,0]")}}}", 2), "integers from 0" },
        { "reversed offsets", Make($"{{{Tensor("a", "U8", "[2]", "[2,0]")}}}", 2), "[2, 0)" },
        { "offset past the end", Make($"{{{Tensor("a", "U8", "[2]", "[0,2]")}}}", 1), "within the 1 bytes" },
        { "offset 2^63-1", Make($"{{{Tensor("a", "U8", "[2]", "[9223372036854775805,9223372036854775807]")}}}", 2), "within the 2 bytes" },
        { "bytes for another dtype", Make($"{{{Tensor("a", "F32", "[2]", "[0,2]")}}}", 2), "takes 8" },
        { "half a byte", Make($"{{{Tensor("a", "F4", "[3]", "[0,2]")}}}", 2), "whole bytes" },
        { "overlap", Make($"{{{Good},{Tensor("b", "U8", "[2]", "[1,3]")}}}", 3), "overlap" },
        { "same place", Make($"{{{Good},{Tensor("b", "U8", "[2]", "[0,2]")}}}", 2), "overlap" },
        { "gap", Make($"{{{Good},{Tensor("b", "U8", "[2]", "[3,5]")}}}", 5), "gaps" },
        { "gap before the first", Make($"{{{Tensor("b", "U8", "[2]", "[1,3]")}}}", 3), "gaps" },
        { "bytes after the last", Make($"{{{Good}}}", 3), "3 bytes follow" },
        { "data without tensors", Make("{}", 1), "1 bytes follow" },
        { "name twice", Make($"{{{Good},{Good}}}", 2), "'a' occurs twice" },
        { "name twice, once escaped", Make($"{{{Good},{Good.Replace("\"a\"", "\"\\u0061\"", StringComparison.Ordinal)}}}", 2), "'a' occurs twice" },
        { "dtype twice", Make("{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}", 2), "dtype of 'a' occurs twice" },
        { "shape twice", Make("{\"a\":{\"shape\":[2],\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}", 2), "shape of 'a' occurs twice" },
        { "metadata twice", Make("{\"__metadata__\":{},\"__metadata__\":{}}", 0), "occurs twice" },
        { "metadata key twice", Make("{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}", 0), "'k' occurs twice" },
        { "metadata of numbers", Make("{\"__metadata__\":{\"k\":1}}", 0), "value of 'k' is a number; a text is allowed" },
        { "metadata is text", Make("{\"__metadata__\":\"x\"}", 0), "__metadata__ is a text; an object is allowed" },
    };

    [Theory]
    [MemberData(nameof(Files), DisableDiscoveryEnumeration = true)]
    public void Refused(string what, byte[] file, string message)
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("bad.safetensors", file);

        CheckpointFormatException exception = Assert.Throws<CheckpointFormatException>(() => SafetensorsFile.Open(path));

        Assert.True(exception.Message.Contains(message, StringComparison.Ordinal), $"{what}: {exception.Message}");
        Assert.StartsWith(path, exception.Message);
        Assert.Equal(path, exception.Path);
    }

    [Fact]
    public void MissingFileIsNamed()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("none.safetensors");
        Assert.Contains(path, Assert.Throws<FileNotFoundException>(() => SafetensorsFile.Open(path)).Message);
    }

    [Fact]
    public void LongHeaderOfLiesAllocatesInProportion()
    {
        using TemporaryFolder folder = new();
        string petabyte = Tensor("a", "U8", "[1125899906842624]", "[0,1125899906842624]");
        string path = folder.Write("lies.safetensors", Make($"{{{petabyte}}}", 0));
        _ = Assert.Throws<CheckpointFormatException>(() => SafetensorsFile.Open(path));

        long before = GC.GetAllocatedBytesForCurrentThread();
        _ = Assert.Throws<CheckpointFormatException>(() => SafetensorsFile.Open(path));

        // Exceptions with their stack traces are all that is allocated; the claimed petabyte is not.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 18);
    }

    [Property(MaxTest = 2000)]
    public void AnyMutationOpensOrIsRefused(int[] positions, byte[] values, ushort cut)
    {
        string[] tensors =
            [Tensor("a", "F16", "[2,3]", "[0,12]"), Tensor("b", "U8", "[]", "[12,13]"), Tensor("c", "I64", "[0]", "[13,13]")];
        byte[] file = Make($"{{\"__metadata__\":{{\"k\":\"v\"}},{string.Join(',', tensors)}}} ", 13);
        for (int i = 0; i < Math.Min(positions.Length, values.Length); i++)
            file[(int)((uint)positions[i] % (uint)file.Length)] = values[i];
        OpenOrRefuse(cut % 4 == 0 ? file.AsSpan(0, cut % file.Length) : file);
    }

    [Fact]
    public void EveryPrefixIsRefused()
    {
        byte[] file = Make($"{{{Good}}}", 2);
        for (int length = 0; length < file.Length; length++)
            Assert.False(OpenOrRefuse(file.AsSpan(0, length)));
        Assert.True(OpenOrRefuse(file));
    }

    private static bool OpenOrRefuse(ReadOnlySpan<byte> file)
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("x.safetensors", file);
        try
        {
            using SafetensorsFile opened = SafetensorsFile.Open(path);
            foreach (SafetensorsTensor tensor in opened.Tensors)
                Assert.Equal(tensor.ByteLength, opened.GetBytes(tensor.Name).Length);
            return true;
        }
        catch (CheckpointFormatException)
        {
            return false;
        }
    }
}
