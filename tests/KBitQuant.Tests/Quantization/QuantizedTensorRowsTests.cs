using KBitQuant.DataTypes;
using KBitQuant.Quantization;

namespace KBitQuant.Tests.Quantization;

/// <summary>Tensors of the rows of several: the same values, or none where blocks or bytes run across an end.</summary>
public class QuantizedTensorRowsTests
{
    [Theory]
    [InlineData("nf4", 16, 48, true)]
    [InlineData("nf4", 64, 96, true)]
    [InlineData("nf4", 64, 80, false)]
    [InlineData("int3", 4, 8, true)]
    [InlineData("int3", 4, 2, false)]
    [InlineData("int5", 4, 12, true)]
    [InlineData("int5", 3, 3, false)]
    public void RowsAreJoinedWhereBlocksAndBytesEnd(string type, int block, int columns, bool canJoin)
    {
        var scheme = new QuantizationScheme(DataTypeCatalog.Get(type), block) { Offset = BlockOffset.Mean };
        QuantizedTensor first = Quantize(scheme, 2, columns, 1), second = Quantize(scheme, 4, columns, 2), third = Quantize(scheme, 1, columns, 3);

        QuantizedTensor? joined = QuantizedTensor.TryJoinRows([first, second, third]);

        Assert.Equal(canJoin, joined is not null);
        if (joined is null)
            return;
        Assert.Equal((7, columns), (joined.Rows, joined.Columns));
        Assert.Equal([.. Values(first), .. Values(second), .. Values(third)], Values(joined));
    }

    [Theory]
    [InlineData("nf4", 16, 48, true)]
    [InlineData("nf4", 64, 96, false)]
    [InlineData("int3", 4, 8, true)]
    [InlineData("int3", 4, 12, false)]
    public void RowsTakeTurnsWhereEachEndsWithABlockAndAByte(string type, int block, int columns, bool canInterleave)
    {
        var scheme = new QuantizationScheme(DataTypeCatalog.Get(type), block) { Offset = BlockOffset.Minimum };
        QuantizedTensor first = Quantize(scheme, 4, columns, 1), second = Quantize(scheme, 4, columns, 2);

        QuantizedTensor? interleaved = QuantizedTensor.TryInterleaveRows(first, second);

        Assert.Equal(canInterleave, interleaved is not null);
        if (interleaved is null)
            return;
        Assert.Equal((8, columns), (interleaved.Rows, interleaved.Columns));
        Assert.Equal(Values(first).Chunk(columns).Zip(Values(second).Chunk(columns), (a, b) => a.Concat(b)).SelectMany(row => row), Values(interleaved));
    }

    /// <summary>Each differs in one thing from tensors that can be joined.</summary>
    [Fact]
    public void OthersAreNot()
    {
        var scheme = new QuantizationScheme(DataTypeCatalog.Get("nf4"), 16);
        QuantizedTensor tensor = Quantize(scheme, 2, 32, 1);
        Assert.NotNull(QuantizedTensor.TryJoinRows([tensor, tensor]));
        Assert.NotNull(QuantizedTensor.TryInterleaveRows(tensor, tensor));

        QuantizationScheme nested = scheme with { Nested = true }, whole = new(scheme.DataType, QuantizationScheme.WholeTensor);
        QuantizedTensor[] alone = [Quantize(nested, 2, 32, 1), Quantize(whole, 2, 32, 1)];
        Assert.All(alone, other => Assert.Null(QuantizedTensor.TryJoinRows([other, other])));
        Assert.All(alone, other => Assert.Null(QuantizedTensor.TryInterleaveRows(other, other)));

        QuantizedTensor[] others =
        [
            Quantize(scheme, 4, 16, 1),
            Quantize(new(scheme.DataType, 32), 2, 32, 1),
            Quantize(scheme with { Constants = ConstantFormat.BFloat16 }, 2, 32, 1),
            Quantize(scheme with { Offset = BlockOffset.Mean }, 2, 32, 1),
            Quantize(scheme with { DataType = DataTypeCatalog.Get("af4") }, 2, 32, 1),
        ];
        Assert.All(others, other => Assert.Null(QuantizedTensor.TryJoinRows([tensor, other])));
        Assert.All(others, other => Assert.Null(QuantizedTensor.TryInterleaveRows(tensor, other)));
        Assert.Null(QuantizedTensor.TryInterleaveRows(tensor, Quantize(scheme, 3, 32, 1)));
    }

    private static QuantizedTensor Quantize(QuantizationScheme scheme, int rows, int columns, int seed) =>
        BlockwiseQuantizer.Quantize<float>(TestData.Normal(rows * columns, seed), rows, columns, scheme);

    private static float[] Values(QuantizedTensor tensor)
    {
        var values = new float[tensor.Length];
        BlockwiseQuantizer.Dequantize<float>(tensor, values);
        return values;
    }
}
