using System.Diagnostics;

namespace KBitQuant.Tool.Tests;

/// <summary>Stopped from outside. SIGTERM goes the way of Ctrl-C, and unlike SIGINT no shell makes background jobs ignore it.</summary>
public sealed class CancellationTests
{
    private const int Cancelled = 130;

    /// <summary>The text is a pipe, so that the signal comes when the command has begun and is not done.</summary>
    [Fact]
    public async Task A_signal_stops_a_command()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "makes pipes with mkfifo and sends signals with kill");
        CancellationToken token = TestContext.Current.CancellationToken;
        using TemporaryFolder folder = new();
        using (Process make = Process.Start("mkfifo", [folder.File("text")]))
            await make.WaitForExitAsync(token);
        using Process process = ToolRun.Start(folder.FullName, "eval", SmallModel.Folder, "--text", "text", "--json");
        string text = await File.ReadAllTextAsync(SmallModel.Text, token);
        // Opens when the command does.
        FileStream pipe = await Task.Run(() => new FileStream(folder.File("text"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite), token).WaitAsync(ToolRun.Limit, token);
        await using (pipe)
        {
            for (int i = 0; i < 40; i++)
                await pipe.WriteAsync(System.Text.Encoding.UTF8.GetBytes(text), token);
        }

        using Process kill = Process.Start("kill", ["-TERM", $"{process.Id}"]);
        await process.WaitForExitAsync(token);
        Assert.Equal(Cancelled, process.ExitCode);
        Assert.Equal("", await process.StandardOutput.ReadToEndAsync(token));
    }
}
