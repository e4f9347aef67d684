namespace KBitQuant.Tests;

/// <summary>Larger test material that lives in a folder <c>shared</c> beside the repository; tests that need it skip without it.</summary>
internal static class SharedFiles
{
    /// <summary>The repository's root: the folder of the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The path of a file or folder there; skips the calling test where it is absent.</summary>
    public static string Require(params string[] parts)
    {
        string path = Path.Combine([Root, "..", "shared", .. parts]);
        Assert.SkipUnless(Path.Exists(path), $"needs shared/{string.Join('/', parts)} beside the repository");
        return path;
    }

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "KBitQuant.sln")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? AppContext.BaseDirectory;
    }
}
