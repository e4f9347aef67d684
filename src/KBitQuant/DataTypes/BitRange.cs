namespace KBitQuant.DataTypes;

/// <summary>The k for which the families of data types are defined.</summary>
internal static class BitRange
{
    public const int Min = 2;
    public const int Max = 8;

    public static IEnumerable<int> All => Enumerable.Range(Min, Max - Min + 1);

    public static void ThrowIfOutside(int bits)
    {
        if (bits is < Min or > Max)
            throw new ArgumentOutOfRangeException(nameof(bits), bits, $"k is {Min} to {Max} bits; {bits} was given.");
    }
}
