using System.Text.Json.Nodes;

namespace KBitQuant.Tool.Tests;

/// <summary>What .NET's globalization-invariant mode, which the program runs in unless told otherwise, and cultures change.</summary>
public sealed class GlobalizationTests : IDisposable
{
    private const string ModeVariable = "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_text_that_needs_normalization_is_refused_with_what_helps_and_that_helps()
    {
        WriteTokenizer();
        string[] generate = ["generate", SmallModel.Folder, "--tokenizer", _folder.FullName, "--tokens", "1", "--stats", "--json", "--prompt"];
        (await ToolRun.Of([.. generate, "e\u0301"])).AssertFailed(1, "this text", "U+0301", $"{ModeVariable}=0");
        Assert.Equal(await PromptTokens([.. generate, "\u00E9"]), await PromptTokens([.. generate, "e\u0301"], (ModeVariable, "0")));
    }

    [Fact]
    public async Task So_is_an_added_token()
    {
        WriteTokenizer("e\u0301x");
        string[] generate = ["generate", SmallModel.Folder, "--tokenizer", _folder.FullName, "--tokens", "1", "--stats", "--json", "--prompt", "\u00E9x"];
        (await ToolRun.Of(generate)).AssertFailed(1, "added token 'e\u0301x'", "tokenizer.json", "U+0301", $"{ModeVariable}=0");
        // The token that begins a text, and the added one.
        Assert.Equal(2, await PromptTokens(generate, (ModeVariable, "0")));
    }

    [Fact]
    public async Task Numbers_are_written_alike_everywhere()
    {
        string[] eval = ["eval", SmallModel.Folder, "--text", SmallModel.Text, "--tokens", "1100"];
        ToolRun german = await Run(eval, (ModeVariable, "0"), ("LC_ALL", "de_DE.UTF-8"));
        Assert.Equal((await ToolRun.Of(eval)).Output, german.Output);
    }

    private static async Task<int> PromptTokens(string[] arguments, params (string Name, string Value)[] variables) =>
        (await Run(arguments, variables)).Json().GetProperty("stats").GetProperty("promptTokens").GetInt32();

    private static async Task<ToolRun> Run(string[] arguments, params (string Name, string Value)[] variables)
    {
        ToolRun run = await ToolRun.With(variables, arguments);
        Assert.SkipWhen(run.Error.Contains("ICU", StringComparison.Ordinal), "needs ICU");
        return run;
    }

    /// <summary>The small model's tokenizer, with normalization to NFC and perhaps an added token in place of another.</summary>
    private void WriteTokenizer(string? added = null)
    {
        JsonNode json = JsonNode.Parse(File.ReadAllText(Path.Combine(SmallModel.Folder, "tokenizer.json")))!;
        json["normalizer"] = new JsonObject { ["type"] = "NFC" };
        if (added is not null)
            json["added_tokens"]!.AsArray().Add((JsonNode)new JsonObject { ["id"] = 4000, ["content"] = added, ["normalized"] = true });
        File.WriteAllText(_folder.File("tokenizer.json"), json.ToJsonString());
    }
}
