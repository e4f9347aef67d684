using System.CommandLine;

namespace KBitQuant.Tool.Options;

/// <summary>Options that all commands have.</summary>
internal static class CommonOptions
{
    public static Option<bool> Json { get; } = new("--json")
    {
        Description = "Print one JSON document on standard output and nothing else.",
        Recursive = true,
    };

    public static Option<bool> Verbose { get; } = new("--verbose")
    {
        Description = "Show where an error came from.",
        Recursive = true,
    };
}
