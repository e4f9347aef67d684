using KBitQuant.DataTypes;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>A table by arithmetic: entry = level * step, level = code - zero, where level and zero are whole numbers.</summary>
/// <param name="Zero">The code of the value 0.</param>
/// <param name="Step">The step between entries, rounded to float.</param>
internal readonly record struct UniformTable(int Zero, float Step)
{
    /// <summary>The table of a type whose every entry is found so; null for other types.</summary>
    public static UniformTable? Of(DataType type)
    {
        ReadOnlySpan<float> codebook = type.Codebook;
        int zero = codebook.IndexOf(0f);
        if (!type.IsUniform || zero < 0)
            return null;
        double step = (codebook[^1] - (double)codebook[0]) / (codebook.Length - 1);
        float rounded = (float)step, rest = (float)(step - rounded);
        for (int code = 0; code < codebook.Length; code++)
        {
            int level = code - zero;
            if (MathF.FusedMultiplyAdd(level, rounded, level * rest) != codebook[code])
                return null;
        }

        return new UniformTable(zero, rounded);
    }
}
