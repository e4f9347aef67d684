namespace KBitQuant.Transformers.Tests;

/// <summary>Files beside the repository that some tests compare with; such tests skip where they are absent.</summary>
internal static class SharedFiles
{
    /// <summary>The path of a file or folder under <c>shared/</c>; skips the running test where there is none.</summary>
    public static string Require(params string[] parts)
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "KBitQuant.sln")))
            folder = folder.Parent;
        string path = Path.Combine([folder?.Parent?.FullName ?? "", "shared", .. parts]);
        Assert.SkipUnless(Path.Exists(path), $"shared/{string.Join('/', parts)} is not beside the repository");
        return path;
    }
}
