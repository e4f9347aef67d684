using System.Text;
using System.Text.Json.Nodes;

namespace KBitQuant.Tool.Tests;

/// <summary>Files that are missing or wrong: exit code 1, one line, no stack trace unless asked for.</summary>
public sealed class BadInputTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("inspect nowhere")]
    [InlineData("inspect nowhere --json")]
    [InlineData("quantize nowhere --type nf4 --out out")]
    [InlineData("eval nowhere --text text")]
    [InlineData("generate nowhere --prompt a --tokens 1")]
    public async Task A_path_that_is_not_there_is_named(string line) => (await Run(line)).AssertFailed(1, "nowhere");

    [Fact]
    public async Task A_broken_file_is_named()
    {
        await Write("model.safetensors", "this is not a checkpoint");
        (await Run("inspect model.safetensors")).AssertFailed(1, "model.safetensors", "header");
        Assert.Single(Directory.GetFileSystemEntries(_folder.FullName));
    }

    [Fact]
    public async Task Control_characters_of_a_file_do_not_reach_the_terminal()
    {
        const string header = """{"a\u001b[31m\u0007":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""";
        byte[] bytes = [.. BitConverter.GetBytes((ulong)header.Length), .. Encoding.UTF8.GetBytes(header), 0, 0, 0, 0];
        await File.WriteAllBytesAsync(_folder.File("named.safetensors"), bytes, TestContext.Current.CancellationToken);
        ToolRun run = await Run("inspect named.safetensors");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains(@"a\u001b[31m\u0007", run.Output);
        Assert.DoesNotContain('\u0007', run.Output);
        byte[] truncated = bytes[..^1];
        await File.WriteAllBytesAsync(_folder.File("named.safetensors"), truncated, TestContext.Current.CancellationToken);
        ToolRun failed = await Run("inspect named.safetensors");
        failed.AssertFailed(1, "named.safetensors");
        Assert.DoesNotContain('\u001b', failed.Error);
    }

    [Fact]
    public async Task A_folder_without_a_model_is_named() => (await Run("inspect .")).AssertFailed(1, "model.safetensors");

    [Fact]
    public async Task A_text_that_is_not_there_is_named() =>
        (await ToolRun.In(_folder.FullName, "eval", SmallModel.Folder, "--text", "no-such.txt")).AssertFailed(1, "no-such.txt");

    [Fact]
    public async Task What_is_no_text_is_named()
    {
        (await ToolRun.In(_folder.FullName, "eval", SmallModel.Folder, "--text", ".")).AssertFailed(1, "'.' is a folder");
        await File.WriteAllBytesAsync(_folder.File("bytes"), [0x61, 0x62, 0xFF, 0x63], TestContext.Current.CancellationToken);
        (await ToolRun.In(_folder.FullName, "eval", SmallModel.Folder, "--text", "bytes")).AssertFailed(1, "bytes", "UTF-8", "byte 2");
    }

    [Fact]
    public async Task A_folder_that_cannot_be_made_is_named()
    {
        await Write("file", "mine");
        string folder = Path.Combine("file", "model");
        (await Run($"quantize {SmallModel.Folder} --type nf4 --out {folder}")).AssertFailed(1, $"'{folder}' cannot be made");
        Assert.Single(Directory.GetFileSystemEntries(_folder.FullName));
    }

    [Fact]
    public async Task A_folder_without_a_name_is_refused() =>
        (await ToolRun.In(_folder.FullName, "quantize", SmallModel.Folder, "--type", "nf4", "--out", "")).AssertFailed(1, "folder", "''");

    [Fact]
    public async Task A_text_too_short_to_evaluate_is_named()
    {
        await Write("empty.txt", "");
        (await ToolRun.In(_folder.FullName, "eval", SmallModel.Folder, "--text", "empty.txt")).AssertFailed(1, "token");
    }

    [Fact]
    public async Task A_folder_in_use_is_refused_and_kept()
    {
        await Write("file", "mine");
        ToolRun run = await ToolRun.Of("quantize", SmallModel.Folder, "--type", "nf4", "--out", _folder.FullName);
        run.AssertFailed(1, "not empty");
        Assert.Equal("mine", await File.ReadAllTextAsync(_folder.File("file"), TestContext.Current.CancellationToken));
        Assert.Single(Directory.GetFileSystemEntries(_folder.FullName));
    }

    [Fact]
    public async Task Verbose_shows_where_an_error_came_from()
    {
        ToolRun run = await Run("inspect nowhere --verbose");
        Assert.Equal(1, run.ExitCode);
        Assert.Equal("", run.Output);
        Assert.Contains("   at ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tokenizer_of_another_model_is_named_before_anything_is_printed()
    {
        string own = await File.ReadAllTextAsync(Path.Combine(SmallModel.Folder, "tokenizer.json"), TestContext.Current.CancellationToken);
        JsonNode json = JsonNode.Parse(own)!;
        json["added_tokens"]!.AsArray().Add((JsonNode)new JsonObject { ["id"] = 99999, ["content"] = "<far>" });
        await Write("tokenizer.json", json.ToJsonString());
        (await ToolRun.In(_folder.FullName, "generate", SmallModel.Folder, "--prompt", "<far>", "--tokens", "1", "--tokenizer", "."))
            .AssertFailed(1, "0 to 4095", "99999", "is the tokenizer another model's?");
    }

    [Fact]
    public async Task A_model_without_a_tokenizer_is_named_with_what_helps()
    {
        foreach (string name in (string[])["config.json", "model.safetensors"])
            File.Copy(Path.Combine(SmallModel.Folder, name), _folder.File(name));
        (await Run("generate . --prompt a")).AssertFailed(1, "neither tokenizer.json nor tokenizer.model", "elsewhere is named by --tokenizer");
    }

    [Fact]
    public async Task A_tokenizer_that_stands_in_for_another_is_named()
    {
        File.Copy(Path.Combine(SharedFiles.Fixture("sentencepiece-bpe"), "bytes.model"), _folder.File("tokenizer.model"));
        await Write("tokenizer.json", """{"model":{"type":"Word\u0007Piece"}}""");
        string[] generate = ["generate", SmallModel.Folder, "--prompt", "a", "--tokens", "1", "--tokenizer", _folder.FullName];
        ToolRun run = await ToolRun.Of(generate);
        Assert.Equal(0, run.ExitCode);
        Assert.StartsWith("The tokenizer is tokenizer.model", run.Error, StringComparison.Ordinal);
        Assert.Contains(@"model.type is Word\u0007Piece", run.Error, StringComparison.Ordinal);
        string? reason = (await ToolRun.Of([.. generate, "--json"])).Json().GetProperty("model").GetProperty("tokenizerFallback").GetString();
        Assert.Contains("model.type", reason, StringComparison.Ordinal);
    }

    private Task Write(string name, string text) => File.WriteAllTextAsync(_folder.File(name), text);

    private Task<ToolRun> Run(string line) => ToolRun.In(_folder.FullName, line.Split(' '));
}
