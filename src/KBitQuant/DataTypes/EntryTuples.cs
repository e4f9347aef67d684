namespace KBitQuant.DataTypes;

/// <summary>Tables by several codes at once: for each four codes of up to 2 bits, or two of up to 6, as they stand next to each other in the canonical
/// stream, their entries next to each other. 8 KB at 5 bits, 32 at 6; from 7 on a tuple is one entry.</summary>
internal static class EntryTuples
{
    private const int MaxQuadBits = 2;
    private const int MaxPairBits = 6;

    /// <summary>Codes of a tuple.</summary>
    public static int Length(int bits) => bits <= MaxQuadBits ? 4 : bits <= MaxPairBits ? 2 : 1;

    /// <summary>The tuples of a table.</summary>
    public static float[] Of(ReadOnlySpan<float> table, int bits)
    {
        int length = Length(bits);
        var tuples = new float[length << (length * bits)];
        for (int i = 0; i < tuples.Length; i++)
            tuples[i] = table[((i / length) >> (i % length * bits)) & ((1 << bits) - 1)];
        return tuples;
    }
}
