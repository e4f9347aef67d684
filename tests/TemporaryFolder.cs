namespace KBitQuant.Tests;

/// <summary>A folder of a test's own, removed at its end.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kbitquant-");

    public string FullName => _folder.FullName;

    public string File(string name) => Path.Combine(FullName, name);

    public string Write(string name, ReadOnlySpan<byte> bytes)
    {
        System.IO.File.WriteAllBytes(File(name), bytes);
        return File(name);
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
