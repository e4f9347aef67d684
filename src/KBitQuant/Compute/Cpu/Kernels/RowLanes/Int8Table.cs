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

    private Int8Table(float step, int zero, byte[] levels) => (Step, Zero, Levels) = (step, zero, levels);

    /// <summary>The value of a level's difference.</summary>
    public float Step { get; }

    /// <summary>The level of the value 0.</summary>
    public int Zero { get; }

    /// <summary>Code to level, repeated to 16 entries; empty where the level is the code.</summary>
    public byte[] Levels { get; }

    /// <summary>Whether levels are looked up.</summary>
    public bool IsLookup => Levels.Length > 0;

    /// <summary>Whether there is such a table: evenly spaced with 0 on a level, or at most 16 entries, all finite.</summary>
    public static bool Exists(DataType type) => HasWholeZero(type) || (type.Codebook.Length <= LargestLookup && type.Codebook.IndexOfAny(float.NaN, float.PositiveInfinity, float.NegativeInfinity) < 0);

    /// <summary>The table of a type for which there is one.</summary>
    public static Int8Table Of(DataType type)
    {
        if (HasWholeZero(type))
            return new Int8Table((float)StepOf(type), (int)Math.Round(ZeroOf(type)), []);
        ReadOnlySpan<float> codebook = type.Codebook;
        var levels = new byte[LargestLookup];
        for (int i = 0; i < LargestLookup; i++)
            levels[i] = (byte)(MathF.Round(codebook[i % (1 << type.Bits) % codebook.Length] * (Middle - 1)) + Middle);
        return new Int8Table(1f / (Middle - 1), Middle, levels);
    }

    /// <summary>The ends of a table are rounded to float; a zero within that rounding of a whole number is that number. Of the types of the
    /// catalogue all evenly spaced ones are so.</summary>
    private static bool HasWholeZero(DataType type) =>
        type.IsUniform && Math.Abs(ZeroOf(type) - Math.Round(ZeroOf(type))) < Math.ScaleB(type.Codebook.Length, -22);

    private static double StepOf(DataType type) => (type.Codebook[^1] - (double)type.Codebook[0]) / (type.Codebook.Length - 1);

    private static double ZeroOf(DataType type) => -type.Codebook[0] / StepOf(type);
}
