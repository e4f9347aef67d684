using KBitQuant.Numerics;
using KBitQuant.Threading;
using KBitQuant.Transformers.Models.Layers;

namespace KBitQuant.Transformers.Tests.Models.Layers;

public class DenseProductTests
{
    private const double UnitRoundoff = 1.0 / (1 << 24);

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(4, 2, 8)]
    [InlineData(5, 3, 7)]
    [InlineData(9, 5, 33)]
    [InlineData(64, 71, 129)]
    [InlineData(3, 400, 300)]
    public unsafe void StridedProductsAgreeWithTheDefinition(int m, int n, int k)
    {
        const int Gap = 3;
        float[] x = Random(m * (k + Gap), 1), w = Random(n * (k + Gap), 2), y = Random(m * (n + Gap), 3);
        float[] before = [.. y];
        fixed (float* xStart = x, wStart = w, yStart = y)
            DenseProduct.Multiply(new(xStart, k + Gap), m, new(wStart, k + Gap), n, k, new(yStart, n + Gap));

        for (int i = 0; i < m; i++)
        {
            for (int j = 0; j < n; j++)
                AssertDot(x.AsSpan(i * (k + Gap), k), w.AsSpan(j * (k + Gap), k), 0, y[(i * (n + Gap)) + j]);
            Assert.Equal(before.AsSpan((i * (n + Gap)) + n, Gap), y.AsSpan((i * (n + Gap)) + n, Gap));
        }
    }

    [Theory]
    [InlineData(1, 7, 5)]
    [InlineData(70, 130, 300)]
    [InlineData(6, 40, 1)]
    [InlineData(13, 70, 301)]
    [InlineData(2, 3, 40_000)]
    public void DenseLayersKeepTheirValues(int m, int rows, int columns)
    {
        float[] x = Random(m * columns, 4), bias = Random(rows, 5);
        float[] any = Random(rows * columns, 6);
        float[] half = [.. any.Select(value => (float)(Half)value)];
        float[] brain = [.. any.Select(value => (float)(BFloat16)(value * 1e20f))];
        foreach ((float[] weight, Type type) in new[] { (any, typeof(float)), (half, typeof(Half)), (brain, typeof(BFloat16)) })
        {
            using DenseLinear layer = DenseLinear.Create(Workers.Default, weight, rows, columns, bias);
            var y = new float[m * rows];
            var row = new float[columns];
            layer.Apply(x, m, y);
            layer.ReadRow(rows - 1, row);

            Assert.Equal(type, layer.GetType().GenericTypeArguments[0]);
            Assert.Equal(weight[^columns..], row);
            for (int i = 0; i < y.Length; i++)
                AssertDot(x.AsSpan(i / rows * columns, columns), weight.AsSpan(i % rows * columns, columns), bias[i % rows], y[i]);
        }
    }

    [Fact]
    public void EveryFiniteHalfIsWidenedExactly()
    {
        float[] weight = [.. Enumerable.Range(0, 1 << 16).Select(bits => (float)BitConverter.UInt16BitsToHalf((ushort)bits)).Where(float.IsFinite)];
        using DenseLinear layer = DenseLinear.Create(Workers.Default, weight, weight.Length, 1, []);
        var y = new float[weight.Length];
        layer.Apply([1], 1, y);
        Assert.Equal(weight, y);
    }

    [Fact]
    public void WeightsThatAreNotFiniteStayFloats()
    {
        using DenseLinear layer = DenseLinear.Create(Workers.Default, [1, float.NaN, float.PositiveInfinity, 2], 4, 1, []);
        var y = new float[4];
        layer.Apply([1], 1, y);
        Assert.Equal([1, float.NaN, float.PositiveInfinity, 2], y);
    }

    /// <summary>Within the error of any order of summation: K u times the sum of magnitudes.</summary>
    private static void AssertDot(ReadOnlySpan<float> a, ReadOnlySpan<float> b, float bias, float actual)
    {
        double sum = bias, magnitude = Math.Abs(bias);
        for (int i = 0; i < a.Length; i++)
        {
            sum += (double)a[i] * b[i];
            magnitude += Math.Abs((double)a[i] * b[i]);
        }

        Assert.InRange(actual - sum, -(a.Length + 1) * UnitRoundoff * magnitude, (a.Length + 1) * UnitRoundoff * magnitude);
    }

    private static float[] Random(int length, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, length).Select(_ => (2 * random.NextSingle()) - 1)];
    }
}
