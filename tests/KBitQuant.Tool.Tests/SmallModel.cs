namespace KBitQuant.Tool.Tests;

/// <summary>What the tests run on.</summary>
internal static class SmallModel
{
    /// <summary>A real model, small enough to be run many times.</summary>
    public static string Folder { get; } = SharedFiles.SmallModel;

    /// <summary>A real text, the one that comes with the tool.</summary>
    public static string Text { get; } = Path.Combine(AppContext.BaseDirectory, "Demo", "excerpt.txt");
}
