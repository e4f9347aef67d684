using FsCheck.Xunit;
using KBitQuant.Compute.Benchmarking;
using KBitQuant.Numerics;

namespace KBitQuant.Tests.Compute.Benchmarking;

public class OutputRoundingTests
{
    [Property(MaxTest = 1000)]
    public void NoValueIsRoundedFurther(int bits)
    {
        Check<Half>(bits, (float)Half.MaxValue);
        Check<BFloat16>(bits, (float)BFloat16.MaxValue);
        Check<float>(bits, float.MaxValue);
    }

    /// <summary>Ties go to even: 1 plus half a unit of its last place back to 1, half the smallest subnormal to 0. What is above goes on.</summary>
    [Fact]
    public void SomeAreRoundedAsFar()
    {
        CheckReached<Half>();
        CheckReached<BFloat16>();
        Assert.Equal(default, OutputRounding.To(typeof(float)));
    }

    private static void Check<T>(int bits, float largest)
        where T : unmanaged
    {
        // FsCheck's numbers are small; multiplying by an odd one spreads them over all exponents.
        float value = BitConverter.Int32BitsToSingle(unchecked(bits * (int)0x9E37_79B1));
        if (!(Math.Abs(value) <= largest))
            return;
        OutputRounding rounding = OutputRounding.To(typeof(T));
        double bound = (Math.Abs((double)value) * rounding.Relative) + rounding.Absolute;
        Assert.InRange(Round<T>(value) - (double)value, -bound, bound);
    }

    private static void CheckReached<T>()
        where T : unmanaged
    {
        OutputRounding rounding = OutputRounding.To(typeof(T));
        float tie = (float)(1 + rounding.Relative), half = (float)rounding.Absolute;
        Assert.Equal(1, Round<T>(tie));
        Assert.Equal(1 + (2 * rounding.Relative), Round<T>(MathF.BitIncrement(tie)));
        Assert.Equal(0, Round<T>(half));
        Assert.Equal(2 * rounding.Absolute, Round<T>(MathF.BitIncrement(half)));
    }

    private static float Round<T>(float value)
        where T : unmanaged
    {
        var rounded = new T[1];
        Elements.FromSingle([value], rounded);
        var wide = new float[1];
        Elements.ToSingle<T>(rounded, wide);
        return wide[0];
    }
}
