namespace KBitQuant.DataTypes;

/// <summary>
/// Dynamic exponent data types ("dynamic tree", section 2.2 of arXiv 2212.09720 and arXiv 1511.04561): the leading zero bits of a
/// code are a base-10 exponent, the bits after the first 1 a linear fraction. The values are those of bitsandbytes'
/// <c>create_dynamic_map</c>; +1 is an entry, -1 is not.
/// </summary>
public static class DynamicExponent
{
    /// <summary>Signed, named <c>dynamic{k}</c>: 2^k entries in order of value.</summary>
    /// <param name="bits">k, 2 to 8.</param>
    /// <exception cref="ArgumentOutOfRangeException">k is out of range.</exception>
    public static DataType Signed(int bits) => Create($"dynamic{bits}", bits, isSigned: true);

    /// <summary>Unsigned, named <c>udynamic{k}</c>: 2^k entries from 0 to 1 in order of value.</summary>
    /// <param name="bits">k, 2 to 8.</param>
    /// <exception cref="ArgumentOutOfRangeException">k is out of range.</exception>
    public static DataType Unsigned(int bits) => Create($"udynamic{bits}", bits, isSigned: false);

    private static DataType Create(string name, int bits, bool isSigned)
    {
        BitRange.ThrowIfOutside(bits);
        int exponents = bits - 1;
        var values = new List<float> { 0, 1 };
        for (int i = 0; i < exponents; i++)
        {
            float scale = (float)Math.Pow(10, i - (exponents - 1));
            foreach (float middle in Middles(isSigned ? 1 << i : 1 << (i + 1)))
            {
                values.Add(scale * middle);
                if (isSigned)
                    values.Add(-scale * middle);
            }
        }

        values.Sort();
        return new DataType(name, [.. values]);
    }

    /// <summary>The middles of equal parts of [0.1, 1]. Computed in float from both ends inwards, each bound rounded once, because
    /// the tables in use were made so: the same bits come out.</summary>
    private static IEnumerable<float> Middles(int parts)
    {
        const float Low = 0.1f;
        const float High = 1;
        float step = (High - Low) / parts;
        float Bound(int i) => i < (parts + 1) / 2 ? MathF.FusedMultiplyAdd(step, i, Low) : MathF.FusedMultiplyAdd(-step, parts - i, High);
        return Enumerable.Range(0, parts).Select(part => (Bound(part) + Bound(part + 1)) / 2);
    }
}
