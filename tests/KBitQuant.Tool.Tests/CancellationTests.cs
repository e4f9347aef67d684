using System.Diagnostics;

namespace KBitQuant.Tool.Tests;

/// <summary>Stopped from outside. SIGTERM goes the way of Ctrl-C, and unlike SIGINT no shell makes background jobs ignore it.</summary>
public sealed class CancellationTests
{
    private const int Cancelled = 130;

    [Fact]
    public async Task A_signal_stops_a_command()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "sends signals with kill");
        CancellationToken token = TestContext.Current.CancellationToken;
        DirectoryInfo folder = Directory.CreateTempSubdirectory("kbitquant-");
        try
        {
            string text = await File.ReadAllTextAsync(SmallModel.Text, token);
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "long.txt"), string.Concat(Enumerable.Repeat(text, 40)), token);
            using Process process = ToolRun.Start(folder.FullName, "eval", SmallModel.Folder, "--text", "long.txt", "--json");
            await Task.Delay(TimeSpan.FromSeconds(2), token);
            using Process kill = Process.Start("kill", ["-TERM", $"{process.Id}"]);
            await process.WaitForExitAsync(token);
            Assert.Equal(Cancelled, process.ExitCode);
            Assert.Equal("", await process.StandardOutput.ReadToEndAsync(token));
            Assert.Single(folder.GetFileSystemInfos());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
