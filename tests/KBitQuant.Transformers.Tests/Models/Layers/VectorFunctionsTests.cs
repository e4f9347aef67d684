using KBitQuant.Transformers.Models;

namespace KBitQuant.Transformers.Tests.Models.Layers;

public class VectorFunctionsTests
{
    /// <summary>The bound of the formula for the error function, halved as it enters, and a few roundings.</summary>
    private const double Tolerance = (0.5 * 1.5e-7) + (8.0 / (1 << 24));

    [Theory]
    [InlineData("gelu")]
    [InlineData("gelu_new")]
    [InlineData("silu")]
    public void FunctionsAgreeWithTheirDefinitions(string name)
    {
        Func<double, double> definition = name switch
        {
            "gelu" => x => 0.5 * x * (1 + ErrorFunction(x / Math.Sqrt(2))),
            "gelu_new" => x => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x)))),
            _ => x => x / (1 + Math.Exp(-x)),
        };
        // A length that fills no whole vectors.
        float[] values = [.. Enumerable.Range(-2000, 4003).Select(i => i / 200f), 0, -0f, 50, -50, 1000, -1000];
        float[] results = [.. values];

        Activation.Get(name).Transform(results);

        for (int i = 0; i < values.Length; i++)
            Assert.InRange(results[i] - definition(values[i]), -Tolerance * (1 + Math.Abs(values[i])), Tolerance * (1 + Math.Abs(values[i])));
    }

    [Fact]
    public void EveryLengthIsTransformed()
    {
        for (int length = 0; length < 40; length++)
        {
            float[] values = [.. Enumerable.Repeat(2f, length + 1)];
            Activation.Get("silu").Transform(values.AsSpan(0, length));
            Assert.All(values[..length], value => Assert.Equal(2 / (1 + Math.Exp(-2)), value, 1e-6));
            Assert.Equal(2, values[^1]);
        }
    }

    /// <summary>By its Maclaurin series, exact to double rounding up to 4; beyond, 1 to 1e-8.</summary>
    private static double ErrorFunction(double x)
    {
        if (Math.Abs(x) > 4)
            return Math.Sign(x);
        double term = x, sum = x;
        for (int n = 1; n < 120; n++)
        {
            term *= -x * x / n;
            sum += term / ((2 * n) + 1);
        }

        return 2 / Math.Sqrt(Math.PI) * sum;
    }
}
