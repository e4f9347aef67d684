using KBitQuant.Numerics;

namespace KBitQuant.Tests.Numerics;

[Trait("Category", "Isa")]
public class ElementsTests
{
    /// <summary>Every exponent and sign, with mantissas at and beside the ties of both formats.</summary>
    [Fact]
    public void SpansAreRoundedAsSingleValuesAre()
    {
        uint[] mantissas = [0, 1, 0xFFF, 0x1000, 0x1001, 0x1FFF, 0x2FFF, 0x3000, 0x3001, 0x7FFF, 0x8000, 0x8001, 0x1_8000, 0x40_0000, 0x7F_EFFF, 0x7F_F000, 0x7F_FFFF];
        float[] values = [.. Enumerable.Range(0, 512).SelectMany(upper => mantissas.Select(mantissa => BitConverter.UInt32BitsToSingle(((uint)upper << 23) | mantissa)))];
        var halves = new Half[values.Length];
        var brains = new BFloat16[values.Length];
        Elements.FromSingle<Half>(values, halves);
        Elements.FromSingle<BFloat16>(values, brains);
        for (int i = 0; i < values.Length; i++)
        {
            Assert.Equal(BitConverter.HalfToUInt16Bits((Half)values[i]), BitConverter.HalfToUInt16Bits(halves[i]));
            Assert.Equal(BFloat16.ToBits((BFloat16)values[i]), BFloat16.ToBits(brains[i]));
        }
    }
}
