using KBitQuant.DataTypes;

namespace KBitQuant.Tests.Quantization;

/// <summary>Inputs that several tests share.</summary>
internal static class TestData
{
    /// <summary>One type of every family for each k, the fixed ones, and tables of odd lengths.</summary>
    public static IEnumerable<DataType> RepresentativeTypes
    {
        get
        {
            foreach (string family in new[] { "int", "uint", "float", "dynamic", "udynamic", "quantile", "nf" })
            {
                for (int bits = 2; bits <= 8; bits++)
                    yield return DataTypeCatalog.Get(family + bits);
            }

            foreach (string name in new[] { "fp4", "af4", "fp4-e2m1", "fp6-e3m2", "fp8-e4m3", "fp8-e5m2", "float6-e2m3-map" })
                yield return DataTypeCatalog.Get(name);
            yield return new DataType("two", [-1, 0.5f]);
            yield return new DataType("five", [0.3f, -1, 2, 0, -0.5f]);
            yield return new DataType("two hundred", [.. Enumerable.Range(0, 200).Select(code => MathF.Sin(code * 0.7f) * code)]);
        }
    }

    /// <summary>Normally distributed values with a few outliers.</summary>
    public static float[] Normal(int count, int seed)
    {
        var random = new Random(seed);
        var values = new float[count];
        for (int i = 0; i < count; i++)
        {
            double radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
            values[i] = (float)(radius * Math.Cos(2 * Math.PI * random.NextDouble()) * (i % 97 == 0 ? 0.2 : 0.02));
        }

        return values;
    }
}
