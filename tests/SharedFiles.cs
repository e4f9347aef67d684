namespace KBitQuant.Tests;

/// <summary>Files of the repository that tests read, and larger ones in a folder <c>shared</c> beside it; tests that need those skip
/// without them.</summary>
internal static class SharedFiles
{
    /// <summary>The repository's root: the folder of the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>A GPT-NeoX model of 670 thousand parameters with reference logits.</summary>
    public static string SmallModel => Fixture("kbq-neox-670k");

    /// <summary>A tiny Llama 3 model with random weights, reference logits and a greedy continuation.</summary>
    public static string TinyLlama => Fixture("hf-llama3");

    /// <summary>A tiny Qwen 2 model with the same.</summary>
    public static string TinyQwen => Fixture("hf-qwen2");

    /// <summary>A text of some thousand tokens.</summary>
    public static string Excerpt => Fixture("gutenberg_excerpt.txt");

    /// <summary>The path of a file or folder under <c>shared/</c>; skips the calling test where it is absent.</summary>
    public static string Require(params string[] parts)
    {
        string path = Path.Combine([Root, "..", "shared", .. parts]);
        Assert.SkipUnless(Path.Exists(path), $"needs shared/{string.Join('/', parts)} beside the repository");
        return path;
    }

    private static string Fixture(string name) => Path.Combine(Root, "tests", "fixtures", name);

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "KBitQuant.sln")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? AppContext.BaseDirectory;
    }
}
