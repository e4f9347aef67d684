namespace KBitQuant.DataTypes;

/// <summary>Integer data types: evenly spaced values.</summary>
public static class IntegerTable
{
    /// <summary>
    /// Signed integers truncated so that there are as many positive as negative values: {-(2^(k-1)-1) .. 2^(k-1)-1} / (2^(k-1)-1),
    /// 2^k - 1 entries in order of value. Named <c>int{k}</c>.
    /// </summary>
    /// <remarks>Section 2.2 of arXiv 2212.09720.</remarks>
    /// <param name="bits">k, 2 to 8.</param>
    /// <exception cref="ArgumentOutOfRangeException">k is out of range.</exception>
    public static DataType Signed(int bits)
    {
        BitRange.ThrowIfOutside(bits);
        int largest = (1 << (bits - 1)) - 1;
        var values = new float[(2 * largest) + 1];
        for (int code = 0; code < values.Length; code++)
            values[code] = (code - largest) / (float)largest;
        return new DataType($"int{bits}", values);
    }

    /// <summary>
    /// Unsigned integers {0 .. 2^k-1} / (2^k-1), for blocks that store their minimum as an offset. Named <c>uint{k}</c>.
    /// </summary>
    /// <param name="bits">k, 2 to 8.</param>
    /// <exception cref="ArgumentOutOfRangeException">k is out of range.</exception>
    public static DataType Unsigned(int bits)
    {
        BitRange.ThrowIfOutside(bits);
        var values = new float[1 << bits];
        for (int code = 0; code < values.Length; code++)
            values[code] = code / (float)(values.Length - 1);
        return new DataType($"uint{bits}", values);
    }
}
