using System.Runtime.Intrinsics.X86;
using KBitQuant.Compute.Cpu;
using KBitQuant.Compute.Cpu.Kernels.RowLanes;
using KBitQuant.Tests.Quantization;

namespace KBitQuant.Tests.Compute.Cpu;

[Trait("Category", "Isa")]
public class PanelTileTests
{
    private const int PanelRows = RowLaneBlock.PanelRows;

    [Fact]
    public void Vector256() => Check<PanelTileVector256>();

    [Fact]
    public void Avx512()
    {
        Assert.SkipUnless(Avx512F.IsSupported, "the processor lacks the instructions");
        Check<PanelTileAvx512>();
    }

    private static void Check<TTile>()
        where TTile : IPanelTile
    {
        for (int columns = 0; columns < 20; columns++)
        {
            Check<TTile>(TTile.Blocking.TallRows, columns);
            Check<TTile>(PanelBlocking.ShortRows, columns);
        }
    }

    /// <summary>Sums are added to what is there.</summary>
    private static unsafe void Check<TTile>(int rows, int columns)
        where TTile : IPanelTile
    {
        AlignedBuffer<float> panel = Filled(columns * PanelRows, 1), x = Filled(columns * rows, 2), sums = Filled(rows * PanelRows, 3);
        float[] before = new Span<float>(sums.Pointer, rows * PanelRows).ToArray();
        if (rows == PanelBlocking.ShortRows)
            TTile.MultiplyShort(panel.Pointer, x.Pointer, sums.Pointer, columns);
        else
            TTile.MultiplyTall(panel.Pointer, x.Pointer, sums.Pointer, columns);
        for (int i = 0; i < before.Length; i++)
            AssertSum(before[i], sums.Pointer[i], x.Pointer + (i / PanelRows), rows, panel.Pointer + (i % PanelRows), columns);
    }

    /// <summary>A product meets its own rounding and those of as many sums as there are columns, each of at most u of what it gives.</summary>
    private static unsafe void AssertSum(float before, float actual, float* x, int rows, float* panel, int columns)
    {
        double sum = before, magnitude = Math.Abs(before);
        for (int column = 0; column < columns; column++)
        {
            double product = (double)x[column * rows] * panel[column * PanelRows];
            sum += product;
            magnitude += Math.Abs(product);
        }

        double roundoff = (columns + 1) * Math.ScaleB(1, -24);
        double bound = roundoff / (1 - roundoff) * magnitude;
        Assert.InRange(actual - sum, -bound, bound);
    }

    private static unsafe AlignedBuffer<float> Filled(int length, int seed)
    {
        var buffer = new AlignedBuffer<float>(length);
        TestData.Normal(length, seed).CopyTo(new Span<float>(buffer.Pointer, length));
        return buffer;
    }
}
