namespace KBitQuant.Tool.Output;

/// <summary>A bar in eighths of a character whose length grows with the logarithm of a ratio.</summary>
internal static class LogBar
{
    private const int Width = 14;
    private const int Eighths = 8;
    private const string Parts = " ▏▎▍▌▋▊▉";

    /// <summary>Draws log(ratio) against log(longest).</summary>
    /// <param name="ratio">1 or less for no bar.</param>
    /// <param name="longest">The ratio of a full bar.</param>
    public static string Draw(double ratio, double longest)
    {
        double share = longest > 1 && ratio > 1 ? Math.Min(Math.Log(ratio) / Math.Log(longest), 1) : 0;
        int length = (int)Math.Round(share * Width * Eighths);
        int rest = length % Eighths;
        return new string('█', length / Eighths) + (rest == 0 ? "" : Parts[rest].ToString());
    }
}
