using KBitQuant.Compute.Cpu;
using KBitQuant.DataTypes;
using KBitQuant.Packing;
using KBitQuant.Quantization;

namespace KBitQuant.Tests.Quantization;

/// <summary>What bitsandbytes itself made of the same inputs.</summary>
public class BitsAndBytesGoldenTests
{
    private const int Rows = 96;
    private const int Columns = 320;

    public static TheoryData<string, string> Cases => new() { { "nf4", "f32" }, { "fp4", "f32" }, { "nf4", "f16" }, { "fp4", "f16" } };

    [Theory]
    [MemberData(nameof(Cases))]
    public void CodesConstantsAndValuesAgreeBitForBit(string type, string element)
    {
        GoldenFile golden = Open();
        if (element == "f32")
            Check(golden, type, element, golden.Get<float>("w.f32"), BitConverter.SingleToInt32Bits);
        else
            Check(golden, type, element, golden.Get<Half>("w.f16"), value => BitConverter.HalfToInt16Bits(value));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void NestedConstantsAgree(string type, string element)
    {
        GoldenFile golden = Open();
        string prefix = $"{type}.{element}.dq";
        var constants = golden.Get<float>($"{type}.{element}.b64.absmax");
        NestedConstants nested = NestedConstants.Quantize(constants);
        Assert.Equal(golden.Get<byte>(prefix + ".absmax8"), nested.Codes.ToArray());
        // The mean is summed there in float, in an order of its own: n terms, each rounding at most half a unit.
        float mean = golden.Get<float>(prefix + ".offset")[0];
        float bound = constants.Length * MathF.BitIncrement(mean) * (1f / (1 << 24));
        Assert.InRange(nested.Mean, mean - bound, mean + bound);
        float[] outer = golden.Get<float>(prefix + ".nested_absmax");
        for (int i = 0; i < outer.Length; i++)
            Assert.InRange(nested.Outer[i], outer[i] - bound, outer[i] + bound);
    }

    [Theory]
    [InlineData("nf4")]
    [InlineData("fp4")]
    public void ValuesOfNestedConstantsAgreeBitForBit(string type)
    {
        GoldenFile golden = Open();
        string prefix = $"{type}.f32.dq";
        var nested = new NestedConstants(golden.Get<byte>(prefix + ".absmax8"), golden.Get<float>(prefix + ".nested_absmax"), golden.Get<float>(prefix + ".offset")[0]);
        var scheme = new QuantizationScheme(DataTypeCatalog.Get(type)) { Nested = true };
        byte[] codes = FromHighNibbleFirst(golden.Get<byte>(prefix + ".q"));
        var packed = new byte[BitPacking.PackedLength(codes.Length, 4)];
        BitPacking.Pack(codes, 4, packed);
        var tensor = new QuantizedTensor(Rows, Columns, scheme, packed, [], nested, []);
        var values = new float[tensor.Length];
        BlockwiseQuantizer.Dequantize<float>(tensor, values);
        AssertSameBits(golden.Get<float>(prefix + ".deq"), values, BitConverter.SingleToInt32Bits);
    }

    [Fact]
    public void Dynamic8AgreesBitForBit()
    {
        GoldenFile golden = Open();
        var scheme = new QuantizationScheme(DataTypeCatalog.Get("dynamic8"), 256) { Constants = ConstantFormat.Float32 };
        QuantizedTensor tensor = BlockwiseQuantizer.Quantize<float>(golden.Get<float>("w.f32"), Rows, Columns, scheme);
        Assert.Equal(golden.Get<byte>("dyn8.f32.b256.q"), tensor.Codes.ToArray());
        var constants = new float[tensor.BlockCount];
        tensor.DecodeConstants(constants);
        Assert.Equal(golden.Get<float>("dyn8.f32.b256.absmax"), constants);
        var values = new float[tensor.Length];
        BlockwiseQuantizer.Dequantize<float>(tensor, values);
        AssertSameBits(golden.Get<float>("dyn8.f32.b256.deq"), values, BitConverter.SingleToInt32Bits);
    }

    [Fact]
    public void MatMulAgreesWithinRounding()
    {
        GoldenFile golden = Open();
        Half[] a = golden.Get<Half>("A.f16");
        Half[] expected = golden.Get<Half>("matmul.nf4.f16");
        var scheme = new QuantizationScheme(DataTypeCatalog.Get("nf4")) { Constants = ConstantFormat.Float32 };
        QuantizedTensor tensor = BlockwiseQuantizer.Quantize<Half>(golden.Get<Half>("w.f16"), Rows, Columns, scheme);
        var weights = new float[tensor.Length];
        BlockwiseQuantizer.Dequantize<float>(tensor, weights);
        int m = a.Length / Columns;
        var y = new Half[m * Rows];
        CpuDevice.Default.Prepare(tensor).MatMul<Half>(a, m, y);
        for (int i = 0; i < y.Length; i++)
        {
            // There the weight is rounded to Half before the product, and the result is; sums are in float.
            double magnitude = 0;
            for (int k = 0; k < Columns; k++)
                magnitude += Math.Abs((double)a[(i / Rows * Columns) + k] * weights[(i % Rows * Columns) + k]);
            double bound = (magnitude * (Math.ScaleB(1, -11) + (Columns * Math.ScaleB(1, -24)))) + (2 * Math.Abs((double)expected[i]) * Math.ScaleB(1, -11));
            Assert.InRange((double)y[i], (double)expected[i] - bound, (double)expected[i] + bound);
        }
    }

    private static void Check<T>(GoldenFile golden, string type, string element, T[] source, Func<T, int> bits)
        where T : unmanaged
    {
        string prefix = $"{type}.{element}.b64";
        var scheme = new QuantizationScheme(DataTypeCatalog.Get(type)) { Constants = ConstantFormat.Float32 };
        QuantizedTensor tensor = BlockwiseQuantizer.Quantize<T>(source, Rows, Columns, scheme);
        var codes = new byte[tensor.Length];
        BitPacking.Unpack(tensor.Codes, 4, codes);
        Assert.Equal(FromHighNibbleFirst(golden.Get<byte>(prefix + ".q")), codes);
        var constants = new float[tensor.BlockCount];
        tensor.DecodeConstants(constants);
        Assert.Equal(golden.Get<float>(prefix + ".absmax"), constants);
        var values = new T[tensor.Length];
        BlockwiseQuantizer.Dequantize<T>(tensor, values);
        AssertSameBits(golden.Get<T>(prefix + ".deq"), values, bits);
    }

    private static void AssertSameBits<T>(T[] expected, T[] actual, Func<T, int> bits) => Assert.Equal(expected.Select(bits), actual.Select(bits));

    private static byte[] FromHighNibbleFirst(byte[] packed) => [.. packed.SelectMany(pair => new[] { (byte)(pair >> 4), (byte)(pair & 15) })];

    private static GoldenFile Open() => new(SharedFiles.Require("golden", "bitsandbytes.safetensors"));
}
