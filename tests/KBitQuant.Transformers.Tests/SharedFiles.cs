namespace KBitQuant.Transformers.Tests;

/// <summary>Files of the repository that tests read, and files beside it that some tests compare with; those skip where they
/// are absent.</summary>
internal static class SharedFiles
{
    /// <summary>A GPT-NeoX model of 670 thousand parameters with reference logits.</summary>
    public static string SmallModel => Fixture("kbq-neox-670k");

    /// <summary>A tiny Llama 3 model with random weights, reference logits and a greedy continuation.</summary>
    public static string TinyLlama => Fixture("hf-llama3");

    /// <summary>A text of some thousand tokens.</summary>
    public static string Excerpt => Fixture("gutenberg_excerpt.txt");

    private static string Root { get; } = FindRoot();

    /// <summary>The path of a file or folder under <c>shared/</c>; skips the running test where there is none.</summary>
    public static string Require(params string[] parts)
    {
        string path = Path.Combine([Path.GetDirectoryName(Root) ?? "", "shared", .. parts]);
        Assert.SkipUnless(Path.Exists(path), $"shared/{string.Join('/', parts)} is not beside the repository");
        return path;
    }

    private static string Fixture(string name) => Path.Combine(Root, "tests", "fixtures", name);

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "KBitQuant.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? AppContext.BaseDirectory;
    }
}
