namespace KBitQuant.DataTypes;

/// <summary>Floats of 2 to 8 bits: 1 sign bit, E exponent bits, M = k - 1 - E mantissa bits. A code is the bits in that order.</summary>
public static class MiniFloat
{
    // Appendix C.4 of arXiv 2212.09720 (k = 3..8): at least half of the bits, rounded up. k = 2 has one bit to give.
    private static ReadOnlySpan<int> AppendixExponentBits => [0, 0, 1, 2, 2, 3, 3, 4, 4];

    /// <summary>The exponent bits the paper used in its study: 3 for k = 4..8, 2 for k = 3; 1 for k = 2, where no other fits.</summary>
    /// <param name="bits">k, 2 to 8.</param>
    /// <exception cref="ArgumentOutOfRangeException">k is out of range.</exception>
    public static int StudyExponentBits(int bits)
    {
        BitRange.ThrowIfOutside(bits);
        return Math.Min(3, bits - 1);
    }

    /// <summary>The exponent bits of the paper's heuristic (appendix C.4): 2, 2, 3, 3, 4, 4 for k = 3..8; 1 for k = 2.</summary>
    /// <param name="bits">k, 2 to 8.</param>
    /// <exception cref="ArgumentOutOfRangeException">k is out of range.</exception>
    public static int HeuristicExponentBits(int bits)
    {
        BitRange.ThrowIfOutside(bits);
        return AppendixExponentBits[bits];
    }

    /// <summary>The float of the study, named <c>float{k}</c>: exponent bits of <see cref="StudyExponentBits"/>, the appendix' formula.</summary>
    /// <param name="bits">k, 2 to 8.</param>
    /// <exception cref="ArgumentOutOfRangeException">k is out of range.</exception>
    public static DataType Study(int bits)
    {
        int exponentBits = StudyExponentBits(bits);
        return Create($"float{bits}", exponentBits, bits - 1 - exponentBits, FloatVariant.PaperAppendix, SpecialCodes.None);
    }

    /// <summary>A float of any exponent split.</summary>
    /// <param name="exponentBits">E, at least 1.</param>
    /// <param name="mantissaBits">M, at least 0; 1 + E + M is 2 to 8.</param>
    /// <param name="variant">Which definition.</param>
    /// <param name="special">Which codes are reserved; only IEEE floats have such codes.</param>
    /// <returns>A type named <c>float{k}-e{E}m{M}</c> (appendix), <c>fp{k}-e{E}m{M}</c> (IEEE) or <c>float{k}-e{E}m{M}-map</c>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The bits are out of range, or the variant or the special codes unknown.</exception>
    /// <exception cref="ArgumentException">Special codes in a variant that has none.</exception>
    public static DataType Create(int exponentBits, int mantissaBits, FloatVariant variant, SpecialCodes special = SpecialCodes.None)
    {
        int bits = 1 + exponentBits + mantissaBits;
        string split = $"{bits}-e{exponentBits}m{mantissaBits}";
        string name = variant switch
        {
            FloatVariant.Ieee => "fp" + split,
            FloatVariant.PaperAppendix => "float" + split,
            _ => "float" + split + "-map",
        };
        return Create(name, exponentBits, mantissaBits, variant, special);
    }

    internal static DataType Create(string name, int exponentBits, int mantissaBits, FloatVariant variant, SpecialCodes special)
    {
        if (exponentBits is < 1 or > BitRange.Max || mantissaBits is < 0 or > BitRange.Max)
            throw new ArgumentOutOfRangeException(nameof(exponentBits), $"A float has at least 1 exponent bit, 0 mantissa bits and at most {BitRange.Max} bits in all; E = {exponentBits}, M = {mantissaBits} was given.");
        int bits = 1 + exponentBits + mantissaBits;
        BitRange.ThrowIfOutside(bits);
        KnownValue.Checked(variant, nameof(variant));
        KnownValue.Checked(special, nameof(special));
        if (special != SpecialCodes.None && variant != FloatVariant.Ieee)
            throw new ArgumentException($"Only IEEE floats reserve codes; {variant} was given.", nameof(special));
        var values = new float[1 << bits];
        int half = values.Length / 2;
        for (int magnitude = 0; magnitude < half; magnitude++)
        {
            int exponent = magnitude >> mantissaBits;
            int mantissa = magnitude & ((1 << mantissaBits) - 1);
            float value = IsSpecial(special, exponent, exponentBits, magnitude, half)
                ? (special == SpecialCodes.InfinityAndNaN && mantissa == 0 ? float.PositiveInfinity : float.NaN)
                : (float)Magnitude(exponent, mantissa, exponentBits, mantissaBits, variant);
            values[magnitude] = value;
            values[half + magnitude] = -value;
        }

        return new DataType(name, values);
    }

    private static bool IsSpecial(SpecialCodes special, int exponent, int exponentBits, int magnitude, int half) => special switch
    {
        SpecialCodes.NaN => magnitude == half - 1,
        SpecialCodes.InfinityAndNaN => exponent == (1 << exponentBits) - 1,
        _ => false,
    };

    private static double Magnitude(int exponent, int mantissa, int exponentBits, int mantissaBits, FloatVariant variant)
    {
        double fraction = (double)mantissa / (1 << mantissaBits);
        int half = 1 << (exponentBits - 1);
        if (variant == FloatVariant.Ieee)
        {
            int ieeeBias = half - 1;
            return exponent == 0 ? Math.ScaleB(fraction, 1 - ieeeBias) : Math.ScaleB(1 + fraction, exponent - ieeeBias);
        }

        int bias = variant == FloatVariant.PaperAppendix ? half + 1 : half;
        return exponent == 0 ? Math.ScaleB(fraction, -bias) : Math.ScaleB(1 + fraction, bias + 1 - exponent);
    }
}
