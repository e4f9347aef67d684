namespace KBitQuant.Benchmarks;

/// <summary>The working copy that the program was built in.</summary>
internal static class RepositoryFolder
{
    /// <summary>A path within it.</summary>
    /// <exception cref="DirectoryNotFoundException">The program runs elsewhere.</exception>
    public static string Combine(params ReadOnlySpan<string> parts)
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "KBitQuant.sln")))
            folder = Path.GetDirectoryName(folder);
        return folder is null
            ? throw new DirectoryNotFoundException($"{AppContext.BaseDirectory} lies in no working copy of the repository.")
            : Path.Combine([folder, .. parts]);
    }
}
