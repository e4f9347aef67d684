using KBitQuant.DataTypes;

namespace KBitQuant.Tool.Output;

/// <summary>Draws a data type's table as one line: from -1 to 1, taller where entries are denser.</summary>
internal static class TablePlot
{
    private const int Width = 49;
    private const string Heights = " ▁▂▃▄▅▆▇█";

    public static string Draw(DataType type)
    {
        int[] counts = new int[Width];
        foreach (float value in type.Codebook)
        {
            if (float.IsFinite(value))
                counts[(int)MathF.Round((value + 1) / 2 * (Width - 1))]++;
        }

        int most = counts.Max();
        return string.Concat(counts.Select(count => Heights[((count * (Heights.Length - 1)) + most - 1) / most]));
    }
}
