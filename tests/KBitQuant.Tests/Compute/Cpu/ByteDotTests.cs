using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KBitQuant.Compute.Cpu.Kernels.RowLanes;

namespace KBitQuant.Tests.Compute.Cpu;

[Trait("Category", "Isa")]
public class ByteDotTests
{
    [Fact]
    public void Avx2() => Check<ByteDotAvx2>(System.Runtime.Intrinsics.X86.Avx2.IsSupported);

    [Fact]
    public void Vnni() => Check<ByteDotVnni>(AvxVnni.IsSupported);

    /// <summary>Sums are exact for levels up to 127, and for larger ones exactly where a type says so: a type that could do without a second
    /// step must not take one.</summary>
    private static void Check<TDot>(bool isSupported)
        where TDot : struct, IByteDot256
    {
        Assert.SkipUnless(isSupported, "the processor lacks the instructions");
        Assert.True(IsExact<TDot>(127));
        Assert.Equal(TDot.TakesLargeLevels, IsExact<TDot>(255));
    }

    private static bool IsExact<TDot>(byte level)
        where TDot : struct, IByteDot256
    {
        const int Quad = sizeof(int);
        foreach (sbyte input in (sbyte[])[-127, -1, 0, 1, 127])
        {
            Vector256<int> dot = TDot.Add(Vector256.Create(7), Vector256.Create(level), Vector256.Create(input));
            if (dot != Vector256.Create(7 + (Quad * level * input)))
                return false;
        }

        return true;
    }
}
