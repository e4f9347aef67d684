using KBitQuant.Transformers.Tokenization;

namespace KBitQuant.Transformers.Tests.Tokenization;

public class NormalizationFormCTests
{
    [Theory]
    [InlineData("")]
    [InlineData("plain, naïve – “quoted” 日本語 한국어 Ελλάδα мир 🎉")]
    [InlineData("क्त")]
    public void SurelyNormalized(string text) => Assert.Null(NormalizationFormC.FirstUnsure(text));

    [Theory]
    [InlineData("e\u0301", 0x301)]
    [InlineData("\u1112\u1161", 0x1161)]
    [InlineData("\u212B", 0x212B)]
    [InlineData("か\u3099", 0x3099)]
    [InlineData("\uF900", 0xF900)]
    [InlineData("\U0002F800", 0x2F800)]
    [InlineData("x\u0F71\u0F72", 0xF71)]
    [InlineData("x\u05B0\u05B1", 0x5B1)]
    public void Unsure(string text, int character) => Assert.Equal(character, NormalizationFormC.FirstUnsure(text)?.Value);
}
