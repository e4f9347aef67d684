using System.Numerics.Tensors;
using KBitQuant.DataTypes;
using KBitQuant.Numerics;
using KBitQuant.Packing;
using KBitQuant.Quantization;

namespace KBitQuant.Tests.Quantization;

[Trait("Category", "Isa")]
public class BlockwiseQuantizerTests
{
    private static readonly int[] BlockSizes = [1, 7, 16, 32, 64, 100, 128, 256, 1024, QuantizationScheme.WholeTensor];
    private static readonly (int Rows, int Columns)[] Shapes = [(1, 1), (3, 17), (65, 1000)];

    public static TheoryData<string> TypeNames => [.. TestData.RepresentativeTypes.Select(type => type.Name)];

    /// <summary>Against the plain definition, element by element: constants, codes and values, bit for bit.</summary>
    [Theory]
    [MemberData(nameof(TypeNames))]
    public void EveryBlockSizeAndShapeFollowsTheDefinition(string typeName)
    {
        DataType type = TestData.RepresentativeTypes.First(candidate => candidate.Name == typeName);
        foreach ((int rows, int columns) in Shapes)
        {
            float[] source = TestData.Normal(rows * columns, rows);
            foreach (int blockSize in BlockSizes)
                AssertFollowsDefinition(source, rows, columns, new QuantizationScheme(type, blockSize) { Constants = ConstantFormat.All[blockSize % 3] });
        }
    }

    [Theory]
    [InlineData(BlockOffset.Mean)]
    [InlineData(BlockOffset.Minimum)]
    public void OffsetsFollowTheDefinition(BlockOffset offset)
    {
        float[] source = [.. TestData.Normal(3 * 1000, 5).Select(value => value + 0.3f)];
        foreach (string name in new[] { "uint4", "nf4", "int3", "udynamic8" })
        {
            foreach (ConstantFormat format in ConstantFormat.All)
                AssertFollowsDefinition(source, 3, 1000, new QuantizationScheme(DataTypeCatalog.Get(name), 100) { Constants = format, Offset = offset });
        }
    }

    [Fact]
    public void LongTensorsInLongBlocksFollowTheDefinition()
    {
        float[] source = TestData.Normal(300 * 1001, 9);
        foreach (int blockSize in new[] { 100_001, QuantizationScheme.WholeTensor, 64 })
            AssertFollowsDefinition(source, 300, 1001, new QuantizationScheme(DataTypeCatalog.Get("int5"), blockSize));
    }

    [Fact]
    public void SixteenBitInputsGiveTheCodesOfTheirWidenedValues()
    {
        float[] normal = TestData.Normal(5000, 3);
        Half[] halves = [.. normal.Select(value => (Half)value)];
        BFloat16[] brains = [.. normal.Select(value => (BFloat16)value)];
        var scheme = new QuantizationScheme(DataTypeCatalog.Get("nf4"), 100) { Offset = BlockOffset.Mean };
        AssertSame(BlockwiseQuantizer.Quantize<float>(halves.Select(value => (float)value).ToArray(), 5, 1000, scheme), BlockwiseQuantizer.Quantize<Half>(halves, 5, 1000, scheme));
        AssertSame(BlockwiseQuantizer.Quantize<float>(brains.Select(value => (float)value).ToArray(), 5, 1000, scheme), BlockwiseQuantizer.Quantize<BFloat16>(brains, 5, 1000, scheme));
    }

    [Fact]
    public void ValuesRoundToTheElementType()
    {
        QuantizedTensor tensor = BlockwiseQuantizer.Quantize<float>(TestData.Normal(5000, 3), 5, 1000, new QuantizationScheme(DataTypeCatalog.Get("nf4")));
        var singles = new float[5000];
        var halves = new Half[5000];
        var brains = new BFloat16[5000];
        BlockwiseQuantizer.Dequantize<float>(tensor, singles);
        BlockwiseQuantizer.Dequantize<Half>(tensor, halves);
        BlockwiseQuantizer.Dequantize<BFloat16>(tensor, brains);
        Assert.Equal(singles.Select(value => (Half)value), halves);
        Assert.Equal(singles.Select(value => (BFloat16)value), brains);
    }

    [Fact]
    public void TensorSpansQuantizeAsTheirElements()
    {
        float[] source = TestData.Normal(12 * 20, 4);
        var scheme = new QuantizationScheme(DataTypeCatalog.Get("int4"), 16);
        QuantizedTensor expected = BlockwiseQuantizer.Quantize<float>(source, 12, 20, scheme);
        AssertSame(expected, BlockwiseQuantizer.Quantize(new ReadOnlyTensorSpan<float>(source, [12, 20]), scheme));
        // Every second column of a wider matrix: strides of 40 and 2.
        float[] wide = [.. source.SelectMany(value => new[] { value, float.NaN })];
        AssertSame(expected, BlockwiseQuantizer.Quantize(new ReadOnlyTensorSpan<float>(wide, [12, 20], [40, 2]), scheme));
        var flat = new float[source.Length];
        var shaped = new float[source.Length];
        BlockwiseQuantizer.Dequantize<float>(expected, flat);
        BlockwiseQuantizer.Dequantize(expected, new TensorSpan<float>(shaped, [12, 20]));
        Assert.Equal(flat, shaped);
        Assert.Throws<ArgumentException>(() => BlockwiseQuantizer.Dequantize(expected, new TensorSpan<float>(new float[480], [12, 20], [40, 2])));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void ValuesThatAreNotFiniteAreRefusedByName(float bad)
    {
        float[] source = TestData.Normal(100_000, 1);
        source[77_777] = bad;
        foreach (string type in new[] { "nf4", "quantile4" })
        {
            foreach (BlockOffset offset in Enum.GetValues<BlockOffset>())
            {
                foreach (int blockSize in new[] { 64, QuantizationScheme.WholeTensor })
                {
                    var scheme = new QuantizationScheme(DataTypeCatalog.Get(type), blockSize) { Offset = offset };
                    var error = Assert.Throws<ArgumentException>(() => BlockwiseQuantizer.Quantize<float>(source, 100, 1000, scheme));
                    Assert.Contains("element 77777", error.Message, StringComparison.Ordinal);
                }
            }
        }
    }

    /// <summary>Before a table is fitted to them.</summary>
    [Fact]
    public void NoTableIsFittedToValuesThatAreNotFinite() => Assert.Contains(
        "element 0 is NaN",
        Assert.Throws<ArgumentException>(
            () => BlockwiseQuantizer.Quantize<float>([float.NaN, float.NaN], 1, 2, new QuantizationScheme(DataTypeCatalog.Get("quantile4")))).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData(new[] { 0, 5 }, 0, 5)]
    [InlineData(new[] { 3, 0, 4 }, 3, 0)]
    [InlineData(new[] { 0 }, 1, 0)]
    [InlineData(new[] { 7 }, 1, 7)]
    [InlineData(new[] { 2, 3, 5 }, 2, 15)]
    public void TheFirstDimensionOfATensorIsItsRows(int[] lengths, int rows, int columns)
    {
        ReadOnlyTensorSpan<float> source = Tensor.CreateFromShape<float>([.. lengths.Select(length => (nint)length)]).AsReadOnlyTensorSpan();
        QuantizedTensor tensor = BlockwiseQuantizer.Quantize(source, new QuantizationScheme(DataTypeCatalog.Get("nf4")));
        Assert.Equal((rows, columns), (tensor.Rows, tensor.Columns));
    }

    [Fact]
    public void TensorsWithoutAShapeOrWithTooLongADimensionAreRefused()
    {
        var scheme = new QuantizationScheme(DataTypeCatalog.Get("nf4"));
        Assert.Throws<ArgumentException>("source", () => BlockwiseQuantizer.Quantize(default(ReadOnlyTensorSpan<float>), scheme));
        foreach (nint[] lengths in (nint[][])[[0, int.MaxValue], [int.MaxValue, 0], [0, 1 << 20, 1 << 20]])
            Assert.Throws<ArgumentException>("source", () => BlockwiseQuantizer.Quantize(Tensor.CreateFromShape<float>(lengths).AsReadOnlyTensorSpan(), scheme));
    }

    [Fact]
    public void ConstantsBeyondTheirFormatBecomeTheLargest()
    {
        QuantizedTensor tensor = BlockwiseQuantizer.Quantize<float>([1e6f, -2e6f, 3f, 0f], 1, 4, new QuantizationScheme(DataTypeCatalog.Get("int8"), 2));
        var constants = new float[2];
        tensor.DecodeConstants(constants);
        Assert.Equal([65504f, 3f], constants);
        Assert.Equal(-65504, Rounded(ConstantFormat.Float16, -1e6f));
    }

    [Fact]
    public void BlocksOfZerosAndOfTinyValuesStoreCodeZeroAndDecodeToZero()
    {
        float[] source = [.. Enumerable.Repeat(0f, 20), .. Enumerable.Repeat(1e-10f, 20), .. Enumerable.Repeat(1e-40f, 20)];
        foreach (ConstantFormat format in new[] { ConstantFormat.Float16, ConstantFormat.Float32 })
        {
            QuantizedTensor tensor = BlockwiseQuantizer.Quantize<float>(source, 3, 20, new QuantizationScheme(DataTypeCatalog.Get("nf4"), 20) { Constants = format });
            var values = new float[60];
            BlockwiseQuantizer.Dequantize<float>(tensor, values);
            Assert.All(values[..20], value => Assert.Equal(0, value));
            Assert.All(values[20..40], value => Assert.Equal(format == ConstantFormat.Float16 ? 0 : 1e-10f, value));
            Assert.All(values[40..], value => Assert.Equal(0, value));
        }
    }

    [Fact]
    public void CallerSpansAreChecked()
    {
        var scheme = new QuantizationScheme(DataTypeCatalog.Get("int3"));
        Assert.Throws<ArgumentException>(() => BlockwiseQuantizer.Quantize<float>(new float[65], scheme, new byte[24], new float[2], []));
        Assert.Throws<ArgumentException>(() => BlockwiseQuantizer.Quantize<float>(new float[65], scheme, new byte[25], new float[1], []));
        Assert.Throws<ArgumentException>(() => BlockwiseQuantizer.Quantize<float>(new float[65], scheme, new byte[25], new float[2], new float[2]));
        Assert.Throws<ArgumentException>(() => BlockwiseQuantizer.Quantize<float>(new float[65], 2, 33, scheme));
        Assert.Throws<NotSupportedException>(() => BlockwiseQuantizer.Quantize<double>(new double[64], 1, 64, scheme));
        Assert.Throws<ArgumentException>(() => BlockwiseQuantizer.Quantize<float>(new float[64], new QuantizationScheme(DataTypeCatalog.Get("quantile4")), new byte[32], new float[1], []));
        Assert.Throws<ArgumentOutOfRangeException>(() => new QuantizationScheme(DataTypeCatalog.Get("int3"), -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => scheme with { Offset = (BlockOffset)3 });
        Assert.Throws<ArgumentNullException>(() => scheme with { Constants = null! });
        Assert.Throws<ArgumentNullException>(() => scheme with { DataType = null! });
    }

    [Fact]
    public void EmptyTensorsQuantize()
    {
        foreach (string type in new[] { "nf4", "quantile4" })
        {
            foreach (int blockSize in new[] { 64, QuantizationScheme.WholeTensor })
            {
                QuantizedTensor tensor = BlockwiseQuantizer.Quantize<float>([], 0, 5, new QuantizationScheme(DataTypeCatalog.Get(type), blockSize));
                BlockwiseQuantizer.Dequantize<float>(tensor, []);
                BlockwiseQuantizer.Dequantize(tensor, Tensor.CreateFromShape<float>([0, 5]).AsTensorSpan());
                Assert.Equal(0, tensor.BlockCount);
            }
        }
    }

    [Fact]
    public void SpanOverloadsAllocateNothing()
    {
        float[] source = TestData.Normal(1 << 18, 2);
        var scheme = new QuantizationScheme(DataTypeCatalog.Get("nf4"));
        var codes = new byte[source.Length / 2];
        var constants = new float[source.Length / 64];
        // Which thread takes which part is chance, and each rents its buffer once: a few rounds until a call finds all rented.
        Assert.Contains(Enumerable.Range(0, 50), _ =>
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            RoundTrip();
            return GC.GetAllocatedBytesForCurrentThread() == before;
        });

        void RoundTrip()
        {
            BlockwiseQuantizer.Quantize<float>(source, scheme, codes, constants, []);
            BlockwiseQuantizer.Dequantize<float>(codes, scheme, constants, [], source);
        }
    }

    private static void AssertFollowsDefinition(float[] source, int rows, int columns, QuantizationScheme scheme)
    {
        QuantizedTensor tensor = BlockwiseQuantizer.Quantize<float>(source, rows, columns, scheme);
        DataType type = tensor.Scheme.DataType;
        var codes = new byte[source.Length];
        var constants = new float[tensor.BlockCount];
        var offsets = new float[tensor.BlockCount];
        var values = new float[source.Length];
        BitPacking.Unpack(tensor.Codes, type.Bits, codes);
        tensor.DecodeConstants(constants);
        tensor.DecodeOffsets(offsets);
        BlockwiseQuantizer.Dequantize<float>(tensor, values);
        int blockSize = scheme.BlockSizeFor(source.Length);
        for (int block = 0; block < constants.Length; block++)
        {
            float[] elements = source[(block * blockSize)..Math.Min((block + 1) * blockSize, source.Length)];
            float offset = Rounded(scheme.Constants, scheme.Offset switch
            {
                BlockOffset.Mean => (float)(elements.Sum(value => (double)value) / elements.Length),
                BlockOffset.Minimum => elements.Min(),
                _ => 0,
            });
            float constant = Rounded(scheme.Constants, elements.Max(value => Math.Abs(value - offset)));
            Assert.Equal(offset, offsets[block]);
            Assert.Equal(constant, constants[block]);
            for (int i = block * blockSize; i < (block * blockSize) + elements.Length; i++)
            {
                int code = constant == 0 ? 0 : type.Search.Nearest((source[i] - offset) * (1 / constant));
                Assert.Equal(code, codes[i]);
                Assert.Equal((constant * type.Codebook[code]) + offset, values[i]);
            }
        }
    }

    private static float Rounded(ConstantFormat format, float value)
    {
        format.Round(new Span<float>(ref value));
        return value;
    }

    private static void AssertSame(QuantizedTensor expected, QuantizedTensor actual)
    {
        Assert.Equal(expected.Codes.ToArray(), actual.Codes.ToArray());
        Assert.Equal(expected.Constants.ToArray(), actual.Constants.ToArray());
        Assert.Equal(expected.Offsets.ToArray(), actual.Offsets.ToArray());
    }
}
