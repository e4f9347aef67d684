using KBitQuant.DataTypes;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>A table in bytes: entry = step * (level - zero), with levels from 0 to 255. Where the table is evenly spaced the level is the code
/// itself; otherwise each entry is rounded to a level of 1 to 127 and looked up.</summary>
internal readonly struct Int8Table
{
    /// <summary>Rounded entries go from -63 to 63 around the middle.</summary>
    private const int Middle = 64;

    /// <summary>Entries that can be looked up.</summary>
    public const int LargestLookup = 16;

    private Int8Table(float step, float zero, byte[] levels) => (Step, Zero, Levels) = (step, zero, levels);

    /// <summary>The value of a level's difference.</summary>
    public float Step { get; }

    /// <summary>The level of the value 0; a whole number for the types of the catalogue.</summary>
    public float Zero { get; }

    /// <summary>Code to level, repeated to 16 entries; empty where the level is the code.</summary>
    public byte[] Levels { get; }

    /// <summary>Whether levels are looked up.</summary>
    public bool IsLookup => Levels.Length > 0;

    /// <summary>Whether there is such a table: evenly spaced, or at most 16 entries, all finite.</summary>
    public static bool Exists(DataType type) => type.IsUniform || (type.Codebook.Length <= LargestLookup && type.Codebook.IndexOfAny(float.NaN, float.PositiveInfinity, float.NegativeInfinity) < 0);

    /// <summary>The table of a type for which there is one.</summary>
    public static Int8Table Of(DataType type)
    {
        ReadOnlySpan<float> codebook = type.Codebook;
        if (type.IsUniform)
        {
            double step = (codebook[^1] - (double)codebook[0]) / (codebook.Length - 1);
            double zero = -codebook[0] / step;
            // The ends of the table are rounded to float; a zero within that rounding of a whole number is that number.
            double whole = Math.Round(zero);
            return new Int8Table((float)step, (float)(Math.Abs(zero - whole) < Math.ScaleB(codebook.Length, -22) ? whole : zero), []);
        }

        var levels = new byte[LargestLookup];
        for (int i = 0; i < LargestLookup; i++)
            levels[i] = (byte)(MathF.Round(codebook[i % (1 << type.Bits) % codebook.Length] * (Middle - 1)) + Middle);
        return new Int8Table(1f / (Middle - 1), Middle, levels);
    }
}
