using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace KBitQuant.Tool.Tests;

/// <summary>One run of the real program in a process of its own.</summary>
internal sealed record ToolRun(int ExitCode, string Output, string Error)
{
    /// <summary>No run of these tests takes nearly so long; one that hangs fails instead.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    public static string ProgramPath { get; } = Path.Combine(AppContext.BaseDirectory, "KBitQuant.Tool.dll");

    /// <summary>Runs the program with these arguments.</summary>
    public static Task<ToolRun> Of(params string[] arguments) => In(AppContext.BaseDirectory, arguments);

    /// <summary>Runs the program in a folder.</summary>
    public static Task<ToolRun> In(string folder, params string[] arguments) => Run(Describe(folder, arguments));

    /// <summary>Runs the program with variables of the environment.</summary>
    public static Task<ToolRun> With((string Name, string Value)[] variables, params string[] arguments)
    {
        ProcessStartInfo start = Describe(AppContext.BaseDirectory, arguments);
        foreach ((string name, string value) in variables)
            start.Environment[name] = value;
        return Run(start);
    }

    private static async Task<ToolRun> Run(ProcessStartInfo start)
    {
        using Process process = Process.Start(start)!;
        using CancellationTokenSource timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeout.CancelAfter(Limit);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(timeout.Token);
            Task<string> error = process.StandardError.ReadToEndAsync(timeout.Token);
            await process.WaitForExitAsync(timeout.Token);
            return new ToolRun(process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>Starts the program.</summary>
    public static Process Start(string folder, params string[] arguments) => Process.Start(Describe(folder, arguments))!;

    private static ProcessStartInfo Describe(string folder, string[] arguments) => new("dotnet", [ProgramPath, .. arguments])
    {
        WorkingDirectory = folder,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        StandardOutputEncoding = Encoding.UTF8,
        StandardErrorEncoding = Encoding.UTF8,
    };

    /// <summary>The JSON document that is all of standard output, of a run that succeeded in silence.</summary>
    public JsonElement Json()
    {
        AssertSucceeded();
        using JsonDocument document = JsonDocument.Parse(Output);
        return document.RootElement.Clone();
    }

    /// <summary>That the run succeeded and complained about nothing.</summary>
    public void AssertSucceeded()
    {
        Assert.Equal("", Error);
        Assert.Equal(0, ExitCode);
    }

    /// <summary>That the run failed with one line that has these words, and printed nothing else.</summary>
    public void AssertFailed(int exitCode, params string[] words)
    {
        Assert.Equal("", Output);
        string line = Assert.Single(Error.TrimEnd('\n', '\r').Split('\n'));
        Assert.StartsWith("kbitquant: ", line, StringComparison.Ordinal);
        foreach (string word in words)
            Assert.Contains(word, line, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", line, StringComparison.Ordinal);
        Assert.Equal(exitCode, ExitCode);
    }
}
