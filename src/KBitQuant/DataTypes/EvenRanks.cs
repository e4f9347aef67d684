namespace KBitQuant.DataTypes;

/// <summary>
/// Ranks in a table of evenly spaced values by arithmetic: the whole part of a value's place, value * scale + shift, each operation
/// rounded to float. Rounding does not change the order of values. So thresholds, which have whole places before rounding, are passed
/// by where the place is not within the margin of a whole number: the furthest that the floats next to a threshold lie from theirs.
/// </summary>
internal sealed class EvenRanks
{
    /// <summary>Of 32 values one in eight times one is in doubt, at worst.</summary>
    private const double LargestMargin = 1.0 / 512;

    private EvenRanks(float scale, float shift) => (Scale, Shift) = (scale, shift);

    /// <summary>What a value is multiplied by.</summary>
    public float Scale { get; }

    /// <summary>What is added then.</summary>
    public float Shift { get; }

    /// <summary>The furthest that the fraction of a place may lie from one half for its rank to be certain.</summary>
    public float Certain { get; private init; }

    /// <summary>The arithmetic for a codebook, or null where its thresholds do not lie evenly.</summary>
    public static EvenRanks? Of(SortedCodebook codebook, float first, float last)
    {
        double scale = (codebook.Count - 1) / ((double)last - first);
        var ranks = new EvenRanks((float)scale, (float)(0.5 - (first * scale)));
        double margin = 0;
        for (int rank = 0; rank < codebook.Count - 1; rank++)
        {
            float threshold = codebook.Thresholds[rank];
            margin = Math.Max(margin, Math.Abs(ranks.Place(threshold) - (rank + 1.0)));
            margin = Math.Max(margin, Math.Abs(ranks.Place(MathF.BitIncrement(threshold)) - (rank + 1.0)));
        }

        return margin <= LargestMargin ? new(ranks.Scale, ranks.Shift) { Certain = MathF.BitDecrement((float)(0.5 - margin)) } : null;
    }

    private float Place(float value)
    {
        float product = value * Scale;
        return product + Shift;
    }
}
