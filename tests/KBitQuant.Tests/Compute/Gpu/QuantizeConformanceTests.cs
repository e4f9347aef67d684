using KBitQuant.Compute.Gpu;
using KBitQuant.DataTypes;
using KBitQuant.Numerics;
using KBitQuant.Quantization;
using KBitQuant.Tests.Quantization;

namespace KBitQuant.Tests.Compute.Gpu;

/// <summary>A GPU quantizes to the same bits as the processor: codes, constants, nested constants and offsets.</summary>
public class QuantizeConformanceTests
{
    private static readonly Type[] ElementTypes = [typeof(float), typeof(Half), typeof(BFloat16)];
    private static readonly int[] BlockSizes = [1, 7, 16, 32, 64, 100, 128, 256, 512, 1024, 2048, 4096, QuantizationScheme.WholeTensor];

    // What the emulation has time for, and what takes the streaming kernels several tiles and leaves a rest.
    private static readonly int[] EmulatedLengths = [1, 31, 65, 300];
    private static readonly int[] Lengths = [1, 1023, 1024, 1025, 12 * 4096, (20 * 1024) + 77];

    public static IEnumerable<TheoryDataRow<string, string>> Types =>
        from device in TestDevices.Gpus
        from type in TestData.RepresentativeTypes
        select new TheoryDataRow<string, string>(device, type.Name);

    public static IEnumerable<TheoryDataRow<string>> Devices => TestDevices.Gpus.Select(device => new TheoryDataRow<string>(device));

    /// <summary>Every type; block sizes, lengths, elements and formats in turn, so that over the types all meet.</summary>
    [Theory]
    [MemberData(nameof(Types))]
    public void EveryTypeAgrees(string device, string typeName)
    {
        int turn = TestData.RepresentativeTypes.TakeWhile(candidate => candidate.Name != typeName).Count();
        DataType type = TestData.RepresentativeTypes.ElementAt(turn);
        type = DataType.Fitted(type.Name, type.Codebook);
        int[] lengths = device == TestDevices.Emulated ? EmulatedLengths : Lengths;
        foreach (int blockSize in BlockSizes)
        {
            turn++;
            var scheme = new QuantizationScheme(type, blockSize)
            {
                Constants = ConstantFormat.All[turn % 3],
                Nested = turn % 4 == 3,
                Offset = turn % 5 == 4 ? BlockOffset.Minimum : turn % 5 == 3 ? BlockOffset.Mean : BlockOffset.None,
            };
            Check(device, lengths[turn % lengths.Length], scheme, ElementTypes[turn % 7 % 3], turn);
        }
    }

    /// <summary>Longer than what the multiprocessors of a GPU take at a time.</summary>
    [Theory]
    [MemberData(nameof(Devices))]
    public void LongTensorsAgree(string device)
    {
        int length = device == TestDevices.Emulated ? 1000 : (5 << 20) + 333;
        foreach (string name in new[] { "nf4", "int3", "dynamic8" })
        {
            foreach (Type element in ElementTypes)
                Check(device, length, new QuantizationScheme(DataTypeCatalog.Get(name)), element, 1);
        }
    }

    /// <summary>Values that lie on thresholds, and right beside them.</summary>
    [Theory]
    [MemberData(nameof(Types))]
    public void ThresholdsAgree(string device, string typeName)
    {
        DataType type = TestData.RepresentativeTypes.Single(candidate => candidate.Name == typeName);
        type = DataType.Fitted(type.Name, type.Codebook);
        float[] thresholds = type.Search.Thresholds[..(type.Search.Count - 1)];
        float[] values = [.. thresholds.SelectMany(t => new[] { t, MathF.BitIncrement(t), MathF.BitDecrement(t), 1, -1, 0, -0f, 1e-40f })];
        if (device == TestDevices.Emulated)
            values = values[..Math.Min(values.Length, 256)];
        Array.Resize(ref values, ((values.Length / 1024) + 1) * (device == TestDevices.Emulated ? 256 : 1024));
        Check(device, values, new QuantizationScheme(type, 64) { Constants = ConstantFormat.Float32 });
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void ConstantsOfEverySizeAgree(string device)
    {
        float[] values = [.. TestData.Normal(4 * 64, 3).Select((value, i) => value * (i / 64) switch { 0 => 1e-39f, 1 => 0, 2 => 1e7f, _ => 1e-7f })];
        values = [.. Enumerable.Repeat(values, device == TestDevices.Emulated ? 1 : 16).SelectMany(part => part)];
        foreach (ConstantFormat format in ConstantFormat.All)
        {
            foreach (BlockOffset offset in Enum.GetValues<BlockOffset>())
            {
                foreach (string name in new[] { "fp4", "dynamic8", "uint4" })
                    Check(device, values, new QuantizationScheme(DataTypeCatalog.Get(name), 64) { Constants = format, Offset = offset });
            }
        }
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void ValuesThatAreNotFiniteAreRefused(string device)
    {
        var gpu = (GpuDevice)TestDevices.Get(device);
        int length = device == TestDevices.Emulated ? 300 : 5000;
        foreach (float bad in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
        {
            foreach (BlockOffset offset in Enum.GetValues<BlockOffset>())
            {
                foreach (int blockSize in new[] { 64, 100 })
                {
                    float[] values = TestData.Normal(length, 1);
                    values[length - 60] = bad;
                    var scheme = new QuantizationScheme(DataTypeCatalog.Get("nf4"), blockSize) { Offset = offset };
                    using GpuTensor<float> source = gpu.Allocate<float>(length);
                    source.CopyFrom(values);
                    int block = (length - 60) / blockSize;
                    var error = Assert.Throws<ArgumentException>(() => gpu.Quantize(source, 1, length, scheme));
                    Assert.Contains($"block {block}", error.Message, StringComparison.Ordinal);
                    // A tensor that is quantized into again has forgotten.
                    using GpuQuantizedTensor tensor = gpu.AllocateQuantized(1, length, scheme);
                    gpu.Quantize(source, tensor);
                    Assert.Throws<ArgumentException>(tensor.ToTensor);
                    Assert.Contains($"block {block}", Assert.Throws<ArgumentException>(tensor.ThrowIfNotFinite).Message, StringComparison.Ordinal);
                    source.CopyFrom(TestData.Normal(length, 1));
                    gpu.Quantize(source, tensor);
                    tensor.ThrowIfNotFinite();
                    Assert.Equal(length, tensor.ToTensor().Length);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void ArgumentsAreChecked(string device)
    {
        var gpu = (GpuDevice)TestDevices.Get(device);
        using GpuTensor<float> source = gpu.Allocate<float>(64);
        var scheme = new QuantizationScheme(DataTypeCatalog.Get("nf4"));
        Assert.Throws<ArgumentException>(() => gpu.Quantize(source, 1, 65, scheme));
        Assert.Throws<ArgumentException>(() => gpu.Quantize(source, 1, 64, new QuantizationScheme(DataTypeCatalog.Get("quantile4"))));
        Assert.Throws<ArgumentOutOfRangeException>(() => gpu.AllocateQuantized(-1, 64, scheme));
        GpuQuantizedTensor tensor = gpu.AllocateQuantized(1, 64, scheme);
        Assert.All(tensor.ToTensor().Codes.ToArray(), code => Assert.Equal(0, code));
        using GpuTensor<Half> values = gpu.Allocate<Half>(65);
        Assert.Throws<ArgumentException>(() => gpu.Dequantize(tensor, values));
        tensor.Dispose();
        Assert.Throws<ObjectDisposedException>(tensor.ToTensor);
        Assert.Throws<ObjectDisposedException>(() => gpu.Quantize(source, tensor));
        using GpuTensor<float> nothing = gpu.Allocate<float>(0);
        using GpuQuantizedTensor empty = gpu.Quantize(nothing, 0, 5, scheme with { Nested = true });
        gpu.Dequantize(empty, nothing);
        Assert.Equal(0, empty.ToTensor().BlockCount);
    }

    private static void Check(string device, int length, QuantizationScheme scheme, Type element, int seed)
    {
        float[] normal = [.. TestData.Normal(length, seed).Select(value => value + 0.003f)];
        // A block of zeros.
        normal.AsSpan(length / 2, Math.Min(length / 3, 64)).Clear();
        if (element == typeof(float))
            Check(device, normal, scheme);
        else if (element == typeof(Half))
            Check(device, Array.ConvertAll(normal, value => (Half)value), scheme);
        else
            Check(device, Array.ConvertAll(normal, value => (BFloat16)value), scheme);
    }

    /// <summary>Quantizes and dequantizes on both, and on the device from what it quantized.</summary>
    private static void Check<T>(string device, T[] values, QuantizationScheme scheme)
        where T : unmanaged
    {
        var gpu = (GpuDevice)TestDevices.Get(device);
        QuantizedTensor expected = BlockwiseQuantizer.Quantize<T>(values, 1, values.Length, scheme);
        using GpuTensor<T> source = gpu.Allocate<T>(values.Length);
        source.CopyFrom(values);
        using GpuQuantizedTensor tensor = gpu.Quantize(source, 1, values.Length, scheme);
        AssertSame(expected, tensor.ToTensor());
        var expectedValues = new T[values.Length];
        var actualValues = new T[values.Length];
        BlockwiseQuantizer.Dequantize<T>(expected, expectedValues);
        gpu.Dequantize(tensor, source);
        source.CopyTo(actualValues);
        int same = expectedValues.AsSpan().CommonPrefixLength(actualValues);
        Assert.True(same == values.Length, $"values of {expected} differ first at element {same}");
        using GpuQuantizedTensor uploaded = gpu.Upload(expected);
        AssertSame(expected, uploaded.ToTensor());
    }

    private static void AssertSame(QuantizedTensor expected, QuantizedTensor actual)
    {
        Assert.Equal(expected.Constants.ToArray(), actual.Constants.ToArray());
        Assert.Equal(expected.Offsets.ToArray(), actual.Offsets.ToArray());
        Assert.Equal(expected.Nested?.Codes.ToArray(), actual.Nested?.Codes.ToArray());
        Assert.Equal(expected.Nested?.Outer.ToArray(), actual.Nested?.Outer.ToArray());
        Assert.Equal(expected.Nested?.Mean, actual.Nested?.Mean);
        Assert.True(expected.Codes.SequenceEqual(actual.Codes), $"codes of {expected} differ first at byte {expected.Codes.CommonPrefixLength(actual.Codes)}");
    }
}
