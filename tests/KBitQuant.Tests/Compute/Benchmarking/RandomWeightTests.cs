using FsCheck.Xunit;
using KBitQuant.Compute.Benchmarking;
using KBitQuant.DataTypes;
using KBitQuant.Packing;
using KBitQuant.Quantization;
using KBitQuant.Tests.Quantization;

namespace KBitQuant.Tests.Compute.Benchmarking;

public class RandomWeightTests
{
    private static readonly DataType[] Types = [.. TestData.RepresentativeTypes];

    /// <summary>Also of types whose tables have reserved codes or fill no power of two.</summary>
    [Property(MaxTest = 300)]
    public void EveryValueIsFinite(int type, int seed, byte rows, byte columns, bool isNested, int offset)
    {
        QuantizationScheme scheme = new(Types[(uint)type % Types.Length], 16) { Nested = isNested, Offset = (BlockOffset)((uint)offset % 3) };
        QuantizedTensor tensor = RandomWeight.Make(1 + (rows % 20), 1 + (columns % 20), scheme, seed);
        var values = new float[tensor.Length];
        BlockwiseQuantizer.Dequantize<float>(tensor, values);
        Assert.All(values, value => Assert.True(float.IsFinite(value)));
        Assert.Equal(scheme.Offset != BlockOffset.None, tensor.HasOffsets);
        Assert.Equal(isNested, tensor.Nested is not null);
    }

    /// <summary>Of 200 codes for each entry at least 150 are expected to be any one of them: e^-150 is the chance that none is.</summary>
    [Fact]
    public void EveryFiniteEntryHasItsCodes()
    {
        foreach (DataType type in Types)
        {
            QuantizedTensor tensor = RandomWeight.Make(200, type.Codebook.Length, new(type), seed: 1);
            var codes = new byte[tensor.Length];
            BitPacking.Unpack(tensor.Codes, type.Bits, codes);
            float[] table = [.. tensor.Scheme.DataType.Codebook];
            Assert.Equal(Enumerable.Range(0, table.Length).Where(code => float.IsFinite(table[code])), codes.Distinct().Order().Select(code => (int)code));
        }
    }
}
