using KBitQuant.Compute.Gpu;
using KBitQuant.DataTypes;
using KBitQuant.Numerics;
using KBitQuant.Packing;
using KBitQuant.Quantization;

namespace KBitQuant.Tests.Compute.Gpu;

/// <summary>A GPU dequantizes to the same bits as the processor.</summary>
public class DequantizeConformanceTests
{
    public static IEnumerable<TheoryDataRow<string, object>> Cases =>
        from device in TestDevices.Gpus
        from @case in ConformanceCase.For(device)
        select new TheoryDataRow<string, object>(device, @case);

    public static IEnumerable<TheoryDataRow<string, string>> Types =>
        from device in TestDevices.Gpus
        from type in DataTypeCatalog.All
        select new TheoryDataRow<string, string>(device, type.Name);

    [Theory]
    [MemberData(nameof(Cases), DisableDiscoveryEnumeration = true)]
    public void QuantizedTensorsAgree(string device, object data)
    {
        var @case = (ConformanceCase)data;
        Check(device, @case.Quantize(), @case.Element);
    }

    /// <summary>All codes of all types, those of NaN and infinity included, with constants that lead to every kind of value of the
    /// smaller element types: too small, subnormal, normal and too large.</summary>
    [Theory]
    [MemberData(nameof(Types), DisableDiscoveryEnumeration = true)]
    public void EveryCodeAgrees(string device, string type)
    {
        DataType dataType = DataTypeCatalog.Get(type);
        dataType = DataType.Fitted(dataType.Name, dataType.Codebook);
        float[] constants = [1, 0, -0f, 1e-7f, -3e-6f, 5e-5f, 0.37f, 60000, -65520, 1e38f];
        int length = constants.Length * dataType.Codebook.Length;
        byte[] codes = [.. Enumerable.Range(0, length).Select(i => (byte)(i % dataType.Codebook.Length))];
        var packed = new byte[BitPacking.PackedLength(length, dataType.Bits)];
        BitPacking.Pack(codes, dataType.Bits, packed);
        // Offsets that are zero, cancel, and are lost.
        float[] offsets = [.. constants.Select((constant, i) => i % 3 == 0 ? 0 : i % 3 == 1 ? constant * 0.61803f : -1e-3f)];
        foreach (BlockOffset offset in new[] { BlockOffset.None, BlockOffset.Mean })
        {
            var scheme = new QuantizationScheme(dataType, dataType.Codebook.Length) { Constants = ConstantFormat.Float32, Offset = offset };
            var tensor = new QuantizedTensor(1, length, scheme, packed, Bytes(constants), null, offset == BlockOffset.None ? [] : Bytes(offsets));
            foreach (Type element in new[] { typeof(float), typeof(Half), typeof(BFloat16) })
                Check(device, tensor, element);
        }
    }

    private static byte[] Bytes(float[] values)
    {
        var bytes = new byte[ConstantFormat.Float32.ByteLength(values.Length)];
        ConstantFormat.Float32.Encode(values, bytes);
        return bytes;
    }

    private static void Check(string device, QuantizedTensor tensor, Type element)
    {
        if (element == typeof(float))
            Check<float>(device, tensor, BitConverter.SingleToInt32Bits);
        else if (element == typeof(Half))
            Check<Half>(device, tensor, value => BitConverter.HalfToInt16Bits(value));
        else
            Check<BFloat16>(device, tensor, value => BFloat16.ToBits(value));
    }

    private static void Check<T>(string device, QuantizedTensor tensor, Func<T, int> bits)
        where T : unmanaged
    {
        var expected = new T[tensor.Length];
        var actual = new T[tensor.Length];
        BlockwiseQuantizer.Dequantize<T>(tensor, expected);
        ((GpuDevice)TestDevices.Get(device)).Dequantize<T>(tensor, actual);
        Assert.Equal(expected.Select(Comparable), actual.Select(Comparable));

        // Machines differ in the sign and payload of the NaN that an operation makes.
        int? Comparable(T value) => IsNaN(value) ? null : bits(value);
    }

    private static bool IsNaN<T>(T value)
        where T : unmanaged
    {
        var wide = new float[1];
        Elements.ToSingle<T>([value], wide);
        return float.IsNaN(wide[0]);
    }
}
