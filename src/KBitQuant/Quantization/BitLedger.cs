namespace KBitQuant.Quantization;

/// <summary>
/// Counts every bit that a quantized tensor or model takes, as the x axis of the scaling laws of arXiv 2212.09720 needs it.
/// Values are immutable; add them up.
/// </summary>
/// <param name="Parameters">How many parameters the bits stand for.</param>
/// <param name="Codes">Bits of codes: k for each quantized parameter.</param>
/// <param name="Constants">Bits of block constants; where they are nested, their codes, outer constants and mean.</param>
/// <param name="Offsets">Bits of block offsets.</param>
/// <param name="Codebooks">Bits of tables fitted to a tensor, 16 for each entry; tables known by name cost nothing.</param>
/// <param name="Unquantized">Bits of parameters left as they are.</param>
public readonly record struct BitLedger(long Parameters, long Codes, long Constants, long Offsets, long Codebooks, long Unquantized)
{
    private const int CodebookEntryBits = 16;

    /// <summary>All bits.</summary>
    public long Total => Codes + Constants + Offsets + Codebooks + Unquantized;

    /// <summary>All bits divided by all parameters; 0 where there are none.</summary>
    public double BitsPerParameter => Parameters == 0 ? 0 : (double)Total / Parameters;

    /// <summary>The bits of parameters that stay in a plain format.</summary>
    /// <param name="parameters">How many.</param>
    /// <param name="bitsEach">Bits of each, such as 16.</param>
    public static BitLedger ForUnquantized(long parameters, int bitsEach) => new(parameters, 0, 0, 0, 0, parameters * bitsEach);

    /// <summary>The bits of a tensor under a scheme.</summary>
    /// <param name="length">Its elements, at least 0.</param>
    /// <param name="scheme">The scheme.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative.</exception>
    public static BitLedger For(int length, QuantizationScheme scheme)
    {
        ArgumentNullException.ThrowIfNull(scheme);
        long blocks = scheme.BlockCount(length);
        long nestedGroups = (blocks + NestedConstants.BlockSize - 1) / NestedConstants.BlockSize;
        const int Single = 32;
        return new BitLedger(
            length,
            (long)length * scheme.DataType.Bits,
            scheme.Nested ? (blocks * NestedConstants.Bits) + ((nestedGroups + 1) * Single) : blocks * scheme.Constants.Bits,
            scheme.Offset == BlockOffset.None ? 0 : blocks * scheme.Constants.Bits,
            scheme.DataType.IsPerTensor ? (long)scheme.DataType.Codebook.Length * CodebookEntryBits : 0,
            0);
    }

    /// <summary>The sum, account by account.</summary>
    public static BitLedger operator +(BitLedger left, BitLedger right) => new(
        left.Parameters + right.Parameters,
        left.Codes + right.Codes,
        left.Constants + right.Constants,
        left.Offsets + right.Offsets,
        left.Codebooks + right.Codebooks,
        left.Unquantized + right.Unquantized);
}
