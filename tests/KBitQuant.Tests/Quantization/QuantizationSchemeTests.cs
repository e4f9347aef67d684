using KBitQuant.DataTypes;
using KBitQuant.Quantization;

namespace KBitQuant.Tests.Quantization;

public class QuantizationSchemeTests
{
    /// <summary>Every value of every property, with every other.</summary>
    [Fact]
    public void ItsTextReadsBack()
    {
        IEnumerable<QuantizationScheme> schemes =
            from type in (string[])["nf4", "float6-e2m3", "udynamic8"]
            from block in (int[])[1, 64, QuantizationScheme.WholeTensor]
            from constants in ConstantFormat.All
            from isNested in (bool[])[false, true]
            from offset in Enum.GetValues<BlockOffset>()
            select new QuantizationScheme(DataTypeCatalog.Get(type), block) { Constants = constants, Nested = isNested, Offset = offset };
        foreach (QuantizationScheme scheme in schemes)
        {
            QuantizationScheme read = QuantizationScheme.Parse(scheme.ToString());
            Assert.Equal(scheme.ToString(), read.ToString());
            Assert.True(scheme.DataType.IsSameAs(read.DataType));
            Assert.Equal(
                (scheme.BlockSize, scheme.Constants, scheme.Nested, scheme.Offset),
                (read.BlockSize, read.Constants, read.Nested, read.Offset));
        }
    }

    [Theory]
    [InlineData("nf4 block 64 fp16", "nf4", 64, false, BlockOffset.None)]
    [InlineData("uint3 block tensor bf16 nested offset minimum", "uint3", QuantizationScheme.WholeTensor, true, BlockOffset.Minimum)]
    public void TextsAreAsDocumented(string text, string type, int block, bool isNested, BlockOffset offset)
    {
        QuantizationScheme scheme = QuantizationScheme.Parse(text);
        Assert.Equal(text, scheme.ToString());
        Assert.Equal((type, block, isNested, offset), (scheme.DataType.Name, scheme.BlockSize, scheme.Nested, scheme.Offset));
    }

    [Theory]
    [InlineData("")]
    [InlineData("nf4")]
    [InlineData("nf4 64 fp16")]
    [InlineData("nf4 block 0 fp16")]
    [InlineData("nf4 block -64 fp16")]
    [InlineData("nf4 block 64  fp16")]
    [InlineData("nf4 block 64 fp16 offset")]
    [InlineData("nf4 block 64 fp16 offset median")]
    [InlineData("nf4 block 64 fp16 offset mean nested")]
    [InlineData("nf4 block 64 fp16 nested nested")]
    public void OtherTextsAreRefused(string text) =>
        Assert.Contains($"'{text}' was given", Assert.Throws<ArgumentException>(() => QuantizationScheme.Parse(text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("nf44 block 64 fp16", "nf44")]
    [InlineData("nf4 block 64 fp12", "fp12")]
    public void UnknownNamesAreNamed(string text, string name) =>
        Assert.Contains($"'{name}'", Assert.Throws<ArgumentException>(() => QuantizationScheme.Parse(text)).Message, StringComparison.Ordinal);
}
