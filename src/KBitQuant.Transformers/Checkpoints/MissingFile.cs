namespace KBitQuant.Transformers.Checkpoints;

/// <summary>What to throw where a file is not found.</summary>
internal static class MissingFile
{
    /// <summary>That it is not there or, where its folder cannot be looked into, that.</summary>
    /// <param name="path">The file.</param>
    /// <param name="message">Says that it is not there.</param>
    public static Exception Of(string path, string message)
    {
        // A path may be empty, which is nowhere, or the root, which is in no folder.
        string? folder = path.Length == 0 ? null : Path.GetDirectoryName(Path.GetFullPath(path));
        try
        {
            _ = Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any();
        }
        catch (UnauthorizedAccessException exception)
        {
            return new UnauthorizedAccessException($"The folder '{folder}' cannot be looked into: {exception.Message}", exception);
        }

        return new FileNotFoundException(message, path);
    }
}
