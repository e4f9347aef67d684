namespace KBitQuant.Tool.Output;

/// <summary>Numbers as people read them.</summary>
internal static class Quantities
{
    private static readonly string[] Units = ["B", "kB", "MB", "GB", "TB"];

    /// <summary>A size in decimal units, such as <c>3.7 MB</c>.</summary>
    public static string Bytes(double bytes)
    {
        int unit = 0;
        for (; bytes >= 1000 && unit < Units.Length - 1; unit++)
            bytes /= 1000;
        return unit == 0 ? $"{bytes:F0} {Units[unit]}" : $"{bytes:F1} {Units[unit]}";
    }
}
