using System.Text.RegularExpressions;

namespace KBitQuant.Tool.Tests;

/// <summary>What the README and that of the packages show is what works: commands are run, C# is that of a sample which is built and run,
/// links lead somewhere.</summary>
public sealed partial class ReadmeTests : IDisposable
{
    private const string Fence = "```";

    /// <summary>Stands for a model of the reader's own; lines with it cannot be run.</summary>
    private const string Placeholder = "MODEL";

    private static readonly string[] Callers = ["dotnet run --project src/KBitQuant.Tool -- ", "dotnet run -c Release --project src/KBitQuant.Tool -- ", "kbitquant "];

    private readonly TemporaryFolder _folder = new();

    private static string Readme => Path.Combine(SharedFiles.Root, "README.md");

    /// <summary>Shown where the packages are, without the repository.</summary>
    private static string PackageReadme => Path.Combine(SharedFiles.Root, "src", "PACKAGE.md");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Commands_run()
    {
        Dictionary<string, string> written = [];
        foreach (string arguments in Blocks(Readme, "bash").SelectMany(block => block.Split('\n')).Select(ToArguments).OfType<string>().Distinct())
        {
            // Paths in the README count from the repository; what a command writes goes where nothing is in its way.
            string[] words = [.. Words(arguments)];
            int target = Array.IndexOf(words, "--out") + 1;
            if (target > 0 && target < words.Length)
                written.TryAdd(words[target], _folder.File($"{written.Count}"));
            ToolRun run = await ToolRun.In(SharedFiles.Root, [.. words.Select(word => written.GetValueOrDefault(word, word))]);
            Assert.True(run is { ExitCode: 0, Error: "" }, $"kbitquant {arguments}: {run.ExitCode} {run.Error}");
        }
    }

    [Fact]
    public void Snippets_are_those_of_the_sample()
    {
        string sample = Plain(File.ReadAllText(Path.Combine(SharedFiles.Root, "samples", "QuickStart", "Program.cs")));
        // An excerpt may leave paragraphs out, but not change one.
        IEnumerable<string> paragraphs = new[] { Readme, PackageReadme }
            .SelectMany(file => Blocks(file, "csharp")).SelectMany(block => block.Split("\n\n"));
        Assert.All(paragraphs, paragraph => Assert.Contains(Plain(paragraph), sample, StringComparison.Ordinal));
    }

    [Fact]
    public void Links_lead_somewhere()
    {
        IEnumerable<string> documents = new[] { SharedFiles.Root, Path.Combine(SharedFiles.Root, "benchmarks") }
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.md"));
        Assert.All(documents, document => Assert.All(RelativeLinks(document), Exists(Path.GetDirectoryName(document)!)));
        Assert.Empty(RelativeLinks(PackageReadme));

        static Action<string> Exists(string folder) => link => Assert.True(Path.Exists(Path.Combine(folder, link)), $"{folder} has no {link}");
    }

    private static IEnumerable<string> RelativeLinks(string document) =>
        LinkTarget().Matches(File.ReadAllText(document)).Select(match => match.Groups[1].Value).Where(link => !link.Contains("://", StringComparison.Ordinal));

    [GeneratedRegex(@"\]\(([^)\s#]+)")]
    private static partial Regex LinkTarget();

    private static IEnumerable<string> Blocks(string file, string language)
    {
        string[] parts = File.ReadAllText(file).ReplaceLineEndings("\n").Split(Fence);
        // Between every two fences lies a block, which begins with its language.
        for (int i = 1; i < parts.Length; i += 2)
        {
            if (parts[i].StartsWith(language + "\n", StringComparison.Ordinal))
                yield return parts[i][(language.Length + 1)..];
        }
    }

    private static string? ToArguments(string line)
    {
        string command = line.Split(" #")[0].Trim();
        string? caller = Callers.FirstOrDefault(caller => command.StartsWith(caller, StringComparison.Ordinal));
        return caller is null || command.Contains(Placeholder, StringComparison.Ordinal) ? null : command[caller.Length..];
    }

    /// <summary>Splits at spaces outside double quotes, as a shell does.</summary>
    private static IEnumerable<string> Words(string arguments)
    {
        string[] quoted = arguments.Split('"');
        for (int i = 0; i < quoted.Length; i++)
        {
            foreach (string word in i % 2 == 1 ? [quoted[i]] : quoted[i].Split(' ', StringSplitOptions.RemoveEmptyEntries))
                yield return word;
        }
    }

    /// <summary>Text without indentation and line ends, in which layout makes no difference.</summary>
    private static string Plain(string code) => string.Join('\n', code.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
