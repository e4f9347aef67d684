namespace KBitQuant.Benchmarks;

/// <summary>Inputs of benchmarks.</summary>
internal static class BenchmarkData
{
    /// <summary>Normally distributed values of the size of trained weights.</summary>
    public static float[] Normal(int count, int seed)
    {
        var random = new Random(seed);
        var values = new float[count];
        for (int i = 0; i < count; i += 2)
        {
            double radius = 0.02 * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
            double angle = 2 * Math.PI * random.NextDouble();
            values[i] = (float)(radius * Math.Cos(angle));
            if (i + 1 < count)
                values[i + 1] = (float)(radius * Math.Sin(angle));
        }

        return values;
    }
}
