using KBitQuant.DataTypes;
using KBitQuant.Quantization;

namespace KBitQuant.Tests.Quantization;

public class QuantizedTensorTests
{
    private static readonly QuantizationScheme Int3 = new(DataTypeCatalog.Get("int3"), 16);

    [Fact]
    public void PartsMustFit()
    {
        _ = new QuantizedTensor(2, 10, Int3, new byte[8], new byte[4], null, []);
        var error = Assert.Throws<ArgumentException>(() => new QuantizedTensor(2, 10, Int3, new byte[7], new byte[4], null, []));
        Assert.Contains("has 8 bytes of codes; 7 were given", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new QuantizedTensor(2, 10, Int3, new byte[8], new byte[2], null, []));
        Assert.Throws<ArgumentException>(() => new QuantizedTensor(2, 10, Int3, new byte[8], new byte[4], null, new byte[4]));
        Assert.Throws<ArgumentException>(() => new QuantizedTensor(2, 10, Int3, new byte[8], [], new NestedConstants([0, 0], [1], 0), []));
        Assert.Throws<ArgumentException>(() => new QuantizedTensor(2, 10, Int3 with { Nested = true }, new byte[8], [], null, []));
        Assert.Throws<ArgumentException>(() => new QuantizedTensor(2, 10, Int3 with { DataType = DataTypeCatalog.Get("quantile3") }, new byte[8], new byte[4], null, []));
        Assert.Throws<ArgumentException>(() => new QuantizedTensor(int.MaxValue, 10, Int3, [], [], null, []));
        Assert.Throws<ArgumentOutOfRangeException>(() => new QuantizedTensor(-1, 10, Int3, [], [], null, []));
    }

    [Fact]
    public void LongerTensorsAreRefused()
    {
        var error = Assert.Throws<ArgumentException>(() => new QuantizedTensor(1, QuantizedTensor.MaxLength + 1, Int3, [], [], null, []));
        Assert.Contains($"{QuantizedTensor.MaxLength} elements", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<ArgumentException>(() => new QuantizedTensor(1, QuantizedTensor.MaxLength, Int3, [], [], null, []));
        Assert.Contains("bytes of codes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void CountsAreNotNegative()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Int3.BlockCount(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => BitLedger.For(-1, Int3));
        Assert.Throws<ArgumentOutOfRangeException>(() => ConstantFormat.Float16.ByteLength(-1));
        Assert.Equal(int.MaxValue - 3, ConstantFormat.Float32.ByteLength(int.MaxValue / 4));
        Assert.Contains("in fp32 take 2147483648", Assert.Throws<OverflowException>(() => ConstantFormat.Float32.ByteLength(1 << 29)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void CodesBeyondTheTableAreRefused()
    {
        // int3 has codes 0..6.
        var error = Assert.Throws<ArgumentException>(() => new QuantizedTensor(1, 8, Int3, [0, 0x80, 0x03], new byte[2], null, []));
        Assert.Contains("code 7", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void NestedConstantsAreChecked()
    {
        Assert.Throws<ArgumentException>(() => new NestedConstants(new byte[257], [1], 0));
        Assert.Throws<ArgumentException>(() => new NestedConstants(new byte[2], [float.NaN], 0));
        Assert.Throws<ArgumentException>(() => new NestedConstants(new byte[2], [1], 0).Dequantize(new float[3]));
        foreach (float[] constants in (float[][])[[1, float.NaN], [float.NegativeInfinity, 0], [float.MaxValue, -float.MaxValue, -float.MaxValue]])
            Assert.Throws<ArgumentException>("constants", () => NestedConstants.Quantize(constants));
    }

    [Fact]
    public void NestedConstantsAreWithinHalfAStepOfTheConstants()
    {
        float[] constants = [.. TestData.Normal(1000, 6).Select(Math.Abs)];
        NestedConstants nested = NestedConstants.Quantize(constants);
        var decoded = new float[constants.Length];
        nested.Dequantize(decoded);
        float[] table = NestedConstants.DataType.Codebook.ToArray();
        // The widest gap of the table is between its negative end and -1, which is no entry.
        float halfStep = Math.Max(table.Zip(table.Skip(1), (a, b) => b - a).Max() / 2, 1 + table[0]);
        for (int i = 0; i < constants.Length; i++)
            Assert.Equal(constants[i], decoded[i], nested.Outer[i / NestedConstants.BlockSize] * halfStep * 1.0001f);
    }

    /// <summary>Where the reciprocal of their distance from the mean would be infinite, all are the mean.</summary>
    [Fact]
    public void NestedConstantsThatDifferTooLittleAreTheirMean()
    {
        NestedConstants nested = NestedConstants.Quantize([1e-40f, 3e-40f]);
        var decoded = new float[2];
        nested.Dequantize(decoded);
        Assert.Equal([0f], nested.Outer.ToArray());
        Assert.Equal([0, 0], nested.Codes.ToArray());
        Assert.All(decoded, constant => Assert.Equal(nested.Mean, constant));
    }

    [Theory]
    [InlineData("nf4", 64, false, BlockOffset.None, 4.25)]
    [InlineData("nf4", 64, true, BlockOffset.None, 4 + (8.0 / 64) + (65 * 32.0 / (1 << 20)))]
    [InlineData("int3", 64, false, BlockOffset.Mean, 3.5)]
    [InlineData("int8", 1024, false, BlockOffset.None, 8 + (16.0 / 1024))]
    [InlineData("quantile5", QuantizationScheme.WholeTensor, false, BlockOffset.None, 5 + (((32 * 16) + 16.0) / (1 << 20)))]
    public void TheLedgerCountsEveryBit(string type, int block, bool nested, BlockOffset offset, double bitsPerParameter)
    {
        BitLedger ledger = BitLedger.For(1 << 20, new QuantizationScheme(DataTypeCatalog.Get(type), block) { Nested = nested, Offset = offset });
        Assert.Equal(bitsPerParameter, ledger.BitsPerParameter);
        BitLedger sum = ledger + BitLedger.ForUnquantized(1 << 20, 16);
        Assert.Equal((bitsPerParameter + 16) / 2, sum.BitsPerParameter);
        Assert.Equal(2 << 20, sum.Parameters);
    }

    [Fact]
    public void TheLedgerCountsWhatIsStored()
    {
        foreach (bool nested in new[] { false, true })
        {
            QuantizedTensor tensor = BlockwiseQuantizer.Quantize<float>(TestData.Normal(65 * 1000, 1), 65, 1000, new QuantizationScheme(DataTypeCatalog.Get("int4"), 100) { Nested = nested, Offset = BlockOffset.Mean });
            Assert.Equal(tensor.ByteLength * 8, tensor.Bits.Total);
        }
    }
}
