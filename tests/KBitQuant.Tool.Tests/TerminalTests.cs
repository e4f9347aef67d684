using System.Diagnostics;
using System.Text;

namespace KBitQuant.Tool.Tests;

/// <summary>Control sequences of a terminal in what files and models say: they are written out.</summary>
public sealed class TerminalTests : IDisposable
{
    private const char Escape = '\u001b';
    private const string Script = "/usr/bin/script";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_name_of_a_data_type_is_written_out()
    {
        string saved = _folder.File("saved");
        (await ToolRun.Of("quantize", SmallModel.Folder, "--type", "nf4", "--out", saved)).AssertSucceeded();
        // A text of JSON within JSON.
        RenameInHeader(Path.Combine(saved, "model.safetensors"), "nf4", @"n\\u001b[31mf4");
        ToolRun[] runs =
        [
            await ToolRun.Of("inspect", saved),
            await ToolRun.Of("eval", saved, "--text", SmallModel.Text, "--tokens", "20"),
        ];
        Assert.All(runs, run =>
        {
            Assert.Equal(0, run.ExitCode);
            Assert.Contains(@"n\u001b[31mf4 block 64", run.Output, StringComparison.Ordinal);
            Assert.DoesNotContain(Escape, run.Output);
        });
    }

    [Fact]
    public async Task An_error_in_full_is_too()
    {
        string path = _folder.File("model.safetensors");
        File.Copy(Path.Combine(SmallModel.Folder, "model.safetensors"), path);
        RenameInHeader(path, "\"F16\"", "\"F\\u001b16\"");
        ToolRun run = await ToolRun.Of("inspect", path, "--verbose");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(@"'F\u001b16'", run.Error, StringComparison.Ordinal);
        Assert.Contains("\n   at ", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(Escape, run.Error);
    }

    [Fact]
    public async Task Generated_text_is_on_a_terminal_and_only_there()
    {
        string prompt = $"a{Escape}[31mb\tc";
        string[] generate = ["generate", SmallModel.Folder, "--prompt", prompt, "--tokens", "1"];
        Assert.StartsWith(prompt, (await ToolRun.Of(generate)).Output, StringComparison.Ordinal);
        Assert.SkipUnless(File.Exists(Script), $"needs {Script}");
        string command = string.Join(' ', new[] { "dotnet", ToolRun.ProgramPath }.Concat(generate).Select(word => $"'{word}'")) + " 2>/dev/null";
        using var process = Process.Start(new ProcessStartInfo(Script, ["-qec", command, "/dev/null"]) { RedirectStandardOutput = true, StandardOutputEncoding = Encoding.UTF8 })!;
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.Contains("a\\u001b[31mb\tc", output, StringComparison.Ordinal);
    }

    /// <summary>Replaces a text in the header of a safetensors file; the data, counted from the header's end, stay where they are.</summary>
    private static void RenameInHeader(string path, string from, string to)
    {
        byte[] bytes = File.ReadAllBytes(path);
        int length = (int)BitConverter.ToUInt64(bytes);
        string header = Encoding.UTF8.GetString(bytes, sizeof(ulong), length);
        Assert.Contains(from, header, StringComparison.Ordinal);
        byte[] renamed = Encoding.UTF8.GetBytes(header.Replace(from, to, StringComparison.Ordinal));
        File.WriteAllBytes(path, [.. BitConverter.GetBytes((ulong)renamed.Length), .. renamed, .. bytes[(sizeof(ulong) + length)..]]);
    }
}
