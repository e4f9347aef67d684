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

        await Stop(process);
        Assert.Equal("", await process.StandardOutput.ReadToEndAsync(token));
    }

    /// <summary>A product of a minute and more, which begins when the first line is there.</summary>
    [Fact]
    public async Task A_signal_stops_a_benchmark()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "sends signals with kill");
        using Process process = ToolRun.Start(AppContext.BaseDirectory, "bench", "--shapes", "2048x2048,2048x2049,2048x2050", "--m", "1,64,256", "--kernels", "reference,decode-row");
        Assert.Contains("medians", await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await Stop(process);
    }

    /// <summary>Sends the signal, and waits for the end.</summary>
    private static async Task Stop(Process process)
    {
        using Process kill = Process.Start("kill", ["-TERM", $"{process.Id}"]);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(ToolRun.Limit, TestContext.Current.CancellationToken);
        Assert.Equal(Cancelled, process.ExitCode);
        Assert.Contains("stopped", await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }
}
