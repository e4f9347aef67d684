namespace KBitQuant.DataTypes;

/// <summary>
/// Quantile data types (section 2.2 of arXiv 2212.09720): every entry stands for the same share of the tensor's values, and zero
/// is exact. The table is fitted to each tensor and stored with it in 16 bits an entry.
/// </summary>
public static class Quantile
{
    /// <summary>Beyond this many values an evenly strided sample of them is sorted: its quantiles are exact to 1/2000 of a step of
    /// an 8-bit table.</summary>
    private const int MaxSample = 1 << 19;

    /// <summary>Quantile of k bits, named <c>quantile{k}</c>; until it is fitted its table is that of a normal distribution.</summary>
    /// <remarks>The paper's equation asks for 2^k quantiles and an additional zero, one entry too many for k bits; as in the
    /// authors' code there are 2^k - 1 quantiles, at the middles of 2^k - 1 equal shares, and the zero.</remarks>
    /// <param name="bits">k, 2 to 8.</param>
    /// <exception cref="ArgumentOutOfRangeException">k is out of range.</exception>
    public static DataType Create(int bits)
    {
        BitRange.ThrowIfOutside(bits);
        return new DataType($"quantile{bits}", Table(bits, NormalDistribution.Quantile), values => FitTable(bits, values));
    }

    private static float[] FitTable(int bits, ReadOnlySpan<float> values)
    {
        if (values.IsEmpty)
            throw new ArgumentException("A quantile table needs at least one value to be fitted to.", nameof(values));
        float[] sorted = Sample(values);
        Array.Sort(sorted);
        if (Math.Max(Math.Abs(sorted[0]), Math.Abs(sorted[^1])) == 0)
            return Table(bits, NormalDistribution.Quantile);
        return Table(bits, probability => Interpolate(sorted, probability));
    }

    private static float[] Table(int bits, Func<double, double> quantile)
    {
        int count = (1 << bits) - 1;
        var values = new double[count + 1];
        for (int i = 0; i < count; i++)
            values[i] = quantile((i + 0.5) / count);
        values[count] = 0;
        Array.Sort(values);
        double absmax = Math.Max(-values[0], values[count]);
        // A tensor whose quantiles are all zero (one outlier in a sea of zeros) keeps that outlier's sign and size at +-1.
        if (absmax == 0)
            (values[0], values[count], absmax) = (-1, 1, 1);
        return [.. values.Select(value => (float)(Half)(value / absmax))];
    }

    private static double Interpolate(float[] sorted, double probability)
    {
        double position = Math.Clamp((probability * sorted.Length) - 0.5, 0, sorted.Length - 1);
        int below = (int)position;
        int above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((position - below) * ((double)sorted[above] - sorted[below]));
    }

    private static float[] Sample(ReadOnlySpan<float> values)
    {
        if (values.Length <= MaxSample)
            return values.ToArray();
        var sample = new float[MaxSample];
        for (int i = 0; i < MaxSample; i++)
            sample[i] = values[(int)((long)i * values.Length / MaxSample)];
        return sample;
    }
}
