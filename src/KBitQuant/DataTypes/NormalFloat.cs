namespace KBitQuant.DataTypes;

/// <summary>NormalFloat data types (QLoRA, arXiv 2305.14314): quantiles of a normal distribution with an exact zero, one more
/// positive than negative value; and AF4, its counterpart for the absolute error.</summary>
public static class NormalFloat
{
    // The canonical float32 constants that every NF4 checkpoint is written with; the generator agrees to about 1e-7.
    private static ReadOnlySpan<float> CanonicalNf4 =>
    [
        -1f, -0.6961928009986877f, -0.5250730514526367f, -0.39491748809814453f, -0.28444138169288635f, -0.18477343022823334f,
        -0.09105003625154495f, 0f, 0.07958029955625534f, 0.16093020141124725f, 0.24611230194568634f, 0.33791524171829224f,
        0.44070982933044434f, 0.5626170039176941f, 0.7229568362236023f, 1f,
    ];

    // Yoshida, arXiv 2306.06965, for block size 64.
    private static ReadOnlySpan<float> AbnormalFloat4 =>
    [
        -1f, -0.69441008f, -0.51243739f, -0.3736951f, -0.25607552f, -0.14982478f, -0.04934812f, 0f,
        0.04273164f, 0.12934483f, 0.21961274f, 0.31675666f, 0.42563882f, 0.55496234f, 0.72424863f, 1f,
    ];

    /// <summary>NormalFloat of k bits, named <c>nf{k}</c>: 2^k entries in order of value; for k = 4 the 16 canonical constants.</summary>
    /// <param name="bits">k, 2 to 8.</param>
    /// <exception cref="ArgumentOutOfRangeException">k is out of range.</exception>
    public static DataType Create(int bits)
    {
        BitRange.ThrowIfOutside(bits);
        return new DataType($"nf{bits}", bits == 4 ? CanonicalNf4 : Generate(bits));
    }

    /// <summary>AF4 (arXiv 2306.06965), named <c>af4</c>: 4 bits, made for blocks of 64.</summary>
    public static DataType Af4() => new("af4", AbnormalFloat4);

    /// <summary>
    /// The generator of QLoRA for any k: quantiles at equal steps between 1/2 and an outermost probability, 2^(k-1) of them on
    /// the positive side, one fewer on the negative side, and 0, divided by the largest.
    /// </summary>
    internal static float[] Generate(int bits)
    {
        int levels = 1 << bits;
        int positive = levels / 2;
        // The mean of the outermost midpoints of 2^k and of 2^k - 1 equal parts: 0.9677083 for k = 4.
        double outermost = 1 - ((1.0 / (2 * levels)) + (1.0 / (2 * (levels - 1)))) / 2;
        double largest = NormalDistribution.Quantile(outermost);
        var values = new List<double> { 0 };
        for (int i = 0; i < positive; i++)
            values.Add(NormalDistribution.Quantile(Step(outermost, i, positive)) / largest);
        for (int i = 0; i < positive - 1; i++)
            values.Add(-NormalDistribution.Quantile(Step(outermost, i, positive - 1)) / largest);
        values.Sort();
        return [.. values.Select(value => (float)value)];
    }

    private static double Step(double outermost, int index, int count) => outermost + ((0.5 - outermost) * index / count);
}
