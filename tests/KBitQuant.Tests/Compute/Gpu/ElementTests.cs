using FsCheck.Xunit;
using KBitQuant.Compute.Gpu.Kernels;
using KBitQuant.Numerics;

namespace KBitQuant.Tests.Compute.Gpu;

/// <summary>The kernels' conversions of 16-bit elements against those of the runtime.</summary>
public class ElementTests
{
    [Fact]
    public void EveryHalfIsWidenedExactly() => AllWidened<HalfElement>(bits => (float)BitConverter.UInt16BitsToHalf(bits));

    [Fact]
    public void EveryBFloat16IsWidenedExactly() => AllWidened<BFloat16Element>(bits => (float)BFloat16.FromBits(bits));

    /// <summary>The float half-way between every two neighbours, and the floats on both sides of it.</summary>
    [Fact]
    public void EveryTieIsRoundedToEven()
    {
        for (int bits = 0; bits < BitConverter.HalfToUInt16Bits(Half.PositiveInfinity); bits++)
        {
            // After the largest comes what would be the next one.
            float next = bits == BitConverter.HalfToUInt16Bits(Half.MaxValue) ? 65536 : (float)BitConverter.UInt16BitsToHalf((ushort)(bits + 1));
            float tie = ((float)BitConverter.UInt16BitsToHalf((ushort)bits) + next) / 2;
            foreach (float value in new[] { MathF.BitDecrement(tie), tie, MathF.BitIncrement(tie) })
            {
                AssertRounded(value);
                AssertRounded(-value);
            }
        }
    }

    [Property(MaxTest = 10000)]
    public void AnyFloatIsRoundedAsByTheRuntime(int bits) => AssertRounded(BitConverter.Int32BitsToSingle(unchecked(bits * (int)0x9E3779B1)));

    private static void AllWidened<TElement>(Func<ushort, float> expected)
        where TElement : struct, IElement<ushort>
    {
        for (int bits = 0; bits <= ushort.MaxValue; bits++)
            Assert.Equal(expected((ushort)bits), default(TElement).Widen((ushort)bits));
    }

    private static void AssertRounded(float value)
    {
        Assert.Equal((Half)value, BitConverter.UInt16BitsToHalf(default(HalfElement).Round(value)));
        Assert.Equal((BFloat16)value, BFloat16.FromBits(default(BFloat16Element).Round(value)));
    }
}
