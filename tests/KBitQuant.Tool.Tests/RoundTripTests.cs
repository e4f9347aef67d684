using System.Text.Json;

namespace KBitQuant.Tool.Tests;

/// <summary>A model quantized to a folder, looked at, evaluated and run, against the same model quantized on the fly.</summary>
public sealed class RoundTripTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Saved => _folder.File("saved");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--type nf4 --block 64", "nf4", 64)]
    [InlineData("--type uint3 --block 32 --nested --offset minimum --constants bf16 --head", "uint3", 32)]
    [InlineData("--type int3 --offset mean", "int3", 64)]
    [InlineData("--type uint4", "uint4", 64)]
    [InlineData("--type quantile2 --block tensor --constants fp32", "quantile2", 0)]
    public async Task A_saved_model_is_the_model(string scheme, string type, int block)
    {
        string[] options = scheme.Split(' ');
        JsonElement written = (await ToolRun.Of(["quantize", SmallModel.Folder, .. options, "--threads", "1", "--out", Saved, "--json"])).Json();
        AssertScheme(written.GetProperty("scheme"), type, block);
        AssertEnvironment(written.GetProperty("environment"), "CPU, 1 thread");
        Assert.Equal(options.Contains("--head"), written.GetProperty("head").GetBoolean());

        JsonElement seen = (await ToolRun.Of("inspect", Saved, "--json")).Json();
        Assert.Equal(written.GetProperty("bits").GetRawText(), seen.GetProperty("bits").GetRawText());
        Assert.Equal(written.GetProperty("quantized").GetInt32(), seen.GetProperty("quantized").GetArrayLength());
        Assert.All(seen.GetProperty("quantized").EnumerateArray(), tensor => AssertScheme(tensor.GetProperty("scheme"), type, block));

        string[] eval = ["--text", SmallModel.Text, "--tokens", "600", "--json"];
        JsonElement stored = (await ToolRun.Of(["eval", Saved, .. eval])).Json();
        JsonElement onTheFly = (await ToolRun.Of(["eval", SmallModel.Folder, .. options, .. eval])).Json();
        AssertScheme(Assert.Single(stored.GetProperty("model").GetProperty("schemes").EnumerateArray()), type, block);
        AssertSame(onTheFly, stored, "environment", "text", "tokens", "window", "scored", "perplexity");
        AssertSame(onTheFly.GetProperty("model"), stored.GetProperty("model"), "schemes", "activations", "tokenizerFallback", "kernels", "bits");
        Assert.Equal(written.GetProperty("bits").GetProperty("total").GetInt64(), stored.GetProperty("model").GetProperty("bits").GetProperty("total").GetInt64());

        string[] generate = ["--prompt", "The old man", "--tokens", "12", "--json"];
        JsonElement text = (await ToolRun.Of(["generate", Saved, .. generate])).Json();
        JsonElement textOnTheFly = (await ToolRun.Of(["generate", SmallModel.Folder, .. options, .. generate])).Json();
        Assert.Equal(textOnTheFly.GetProperty("text").GetString(), text.GetProperty("text").GetString());
        AssertSame(textOnTheFly, text, "environment", "sampling", "prompt", "text");
        AssertSame(textOnTheFly.GetProperty("model"), text.GetProperty("model"), "schemes", "activations", "tokenizerFallback", "kernels", "bits");
        Assert.Equal("exact", text.GetProperty("model").GetProperty("activations").GetString());
        Assert.Equal(12, text.GetProperty("sampling").GetProperty("maxTokens").GetInt32());
    }

    [Fact]
    public async Task The_file_of_the_tensors_names_a_model_too()
    {
        string file = Path.Combine(SmallModel.Folder, "model.safetensors"), ofFolder = _folder.File("of-folder");
        Assert.Equal(0, (await ToolRun.Of("quantize", file, "--type", "nf4", "--out", Saved)).ExitCode);
        Assert.Equal(0, (await ToolRun.Of("quantize", SmallModel.Folder, "--type", "nf4", "--out", ofFolder)).ExitCode);
        string[] eval = ["--text", SmallModel.Text, "--tokens", "100"];
        Assert.Equal((await ToolRun.Of(["eval", SmallModel.Folder, .. eval])).Output, (await ToolRun.Of(["eval", file, .. eval])).Output);
        foreach (string path in Directory.GetFiles(ofFolder))
            Assert.Equal(await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken), await File.ReadAllBytesAsync(Path.Combine(Saved, Path.GetFileName(path)), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_unquantized_model_has_no_type_and_16_bits()
    {
        JsonElement result = (await ToolRun.Of("eval", SmallModel.Folder, "--text", SmallModel.Text, "--tokens", "100", "--json")).Json();
        Assert.Empty(result.GetProperty("model").GetProperty("schemes").EnumerateArray());
        Assert.Empty(result.GetProperty("model").GetProperty("kernels").EnumerateArray());
        Assert.Equal(100, result.GetProperty("tokens").GetInt32());
        Assert.Equal(99, result.GetProperty("scored").GetInt32());
        Assert.Equal(16, result.GetProperty("model").GetProperty("bits").GetProperty("bitsPerParameter").GetDouble());
        Assert.InRange(result.GetProperty("perplexity").GetDouble(), 1, 4096);
    }

    [Fact]
    public async Task Types_without_negative_values_subtract_the_minimum_unless_told_otherwise()
    {
        string[] eval = ["eval", SmallModel.Folder, "--text", SmallModel.Text, "--tokens", "600", "--type", "uint8", "--json"];
        JsonElement plain = (await ToolRun.Of(eval)).Json();
        JsonElement minimum = (await ToolRun.Of([.. eval, "--offset", "minimum"])).Json();
        JsonElement none = (await ToolRun.Of([.. eval, "--offset", "none"])).Json();
        Assert.Equal(minimum.GetRawText(), plain.GetRawText());
        Assert.True(none.GetProperty("perplexity").GetDouble() > plain.GetProperty("perplexity").GetDouble());
    }

    [Fact]
    public async Task A_model_of_llama2c_runs_with_a_tokenizer_of_its_own()
    {
        string model = SharedFiles.Require("models", "stories260K", "stories260K.bin"), tokenizer = SharedFiles.Require("models", "stories260K", "tok512.model");
        JsonElement result = (await ToolRun.Of("generate", model, "--tokenizer", tokenizer, "--prompt", "Once upon a time", "--tokens", "8", "--type", "int8", "--json")).Json();
        AssertScheme(Assert.Single(result.GetProperty("model").GetProperty("schemes").EnumerateArray()), "int8", 64);
        Assert.StartsWith(", there was a", result.GetProperty("text").GetString(), StringComparison.Ordinal);
        (await ToolRun.Of("generate", model, "--prompt", "Once", "--tokens", "8")).AssertFailed(1, "tokenizer.model");
    }

    [Fact]
    public async Task Activations_of_8_bits_cost_little()
    {
        string[] eval = ["eval", SmallModel.Folder, "--text", SmallModel.Text, "--tokens", "600", "--type", "int8", "--json"];
        JsonElement plain = (await ToolRun.Of(eval)).Json();
        JsonElement exact = (await ToolRun.Of([.. eval, "--activations", "exact"])).Json();
        JsonElement int8 = (await ToolRun.Of([.. eval, "--activations", "int8"])).Json();
        Assert.Equal(exact.GetRawText(), plain.GetRawText());
        Assert.Equal("exact", exact.GetProperty("model").GetProperty("activations").GetString());
        Assert.Equal("int8", int8.GetProperty("model").GetProperty("activations").GetString());
        double ratio = int8.GetProperty("perplexity").GetDouble() / exact.GetProperty("perplexity").GetDouble();
        // Each input is off by at most 1/254 of its block's largest.
        Assert.InRange(ratio, 1 - (1 / 254.0), 1 + (1 / 254.0));
    }

    [Fact]
    public async Task The_texts_for_people_are_complete()
    {
        ToolRun quantize = await ToolRun.Of("quantize", SmallModel.Folder, "--type", "nf3", "--out", Saved);
        quantize.AssertSucceeded();
        Assert.Contains("nf3 block 64 fp16", quantize.Output, StringComparison.Ordinal);
        ToolRun inspect = await ToolRun.Of("inspect", Saved);
        inspect.AssertSucceeded();
        Assert.Contains("gpt_neox.layers.0.mlp.dense_h_to_4h.weight.codes ", inspect.Output, StringComparison.Ordinal);
        Assert.Contains("3.250", inspect.Output, StringComparison.Ordinal);
        ToolRun eval = await ToolRun.Of("eval", Saved, "--text", SmallModel.Text, "--tokens", "100");
        eval.AssertSucceeded();
        Assert.Contains("perplexity", eval.Output, StringComparison.Ordinal);
        Assert.Contains("nf3 block 64 fp16", eval.Output, StringComparison.Ordinal);
        ToolRun generate = await ToolRun.Of("generate", Saved, "--prompt", "The old man", "--tokens", "5");
        generate.AssertSucceeded();
        Assert.StartsWith("The old man", generate.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Statistics_are_there_on_request()
    {
        string[] generate = ["generate", SmallModel.Folder, "--prompt", "The old man", "--tokens", "9", "--type", "nf4"];
        JsonElement result = (await ToolRun.Of([.. generate, "--stats", "--json"])).Json();
        JsonElement stats = result.GetProperty("stats");
        Assert.InRange(stats.GetProperty("promptTokens").GetInt32(), 2, 12);
        Assert.Equal(8, stats.GetProperty("decodedTokens").GetInt32());
        foreach (string member in (string[])["promptTokensPerSecond", "decodedTokensPerSecond", "preparedWeightBytes", "denseWeightBytes", "managedBytes"])
            Assert.True(stats.GetProperty(member).GetDouble() > 0, member);
        long weights = stats.GetProperty("preparedWeightBytes").GetInt64() + stats.GetProperty("denseWeightBytes").GetInt64();
        Assert.True(stats.GetProperty("residentBytes").GetInt64() > weights);
        Assert.StartsWith("row-lanes", Assert.Single(result.GetProperty("model").GetProperty("kernels").EnumerateArray()).GetString(), StringComparison.Ordinal);

        ToolRun people = await ToolRun.Of([.. generate, "--stats"]);
        Assert.Equal(0, people.ExitCode);
        Assert.Equal("The old man" + result.GetProperty("text").GetString(), people.Output.TrimEnd('\n', '\r'));
        foreach (string word in (string[])["prefill", "decode", "weights", "memory", "kernels   row-lanes"])
            Assert.Contains(word, people.Error, StringComparison.Ordinal);

        JsonElement without = (await ToolRun.Of([.. generate, "--json"])).Json();
        Assert.Equal(JsonValueKind.Null, without.GetProperty("stats").ValueKind);
    }

    [Fact]
    public async Task The_seed_decides_the_text()
    {
        async Task<string> Text(string seed) => (await ToolRun.Of(
            "generate", SmallModel.Folder, "--prompt", "The", "--tokens", "20", "--temperature", "1", "--top-p", "0.95", "--seed", seed)).Output;
        string first = await Text("1");
        Assert.Equal(first, await Text("1"));
        Assert.NotEqual(first, await Text("2"));
    }

    private static void AssertScheme(JsonElement scheme, string type, int block)
    {
        Schemes.AssertReadsBack(scheme);
        Assert.Equal(type, scheme.GetProperty("type").GetString());
        Assert.Equal(block, scheme.GetProperty("block").GetInt32());
    }

    private static void AssertEnvironment(JsonElement environment, string device)
    {
        Assert.Equal(device, environment.GetProperty("device").GetString());
        foreach (string member in (string[])["version", "runtime", "system", "processor"])
            Assert.NotEqual("", environment.GetProperty(member).GetString());
    }

    /// <summary>That these members, which are all but those about files, are the same.</summary>
    private static void AssertSame(JsonElement expected, JsonElement actual, params string[] members)
    {
        Assert.All(members, member => Assert.Equal(expected.GetProperty(member).GetRawText(), actual.GetProperty(member).GetRawText()));
        string[] others = [.. expected.EnumerateObject().Select(member => member.Name).Except(members)];
        Assert.All(others, member => Assert.Contains(member, (string[])["model", "path", "stats"]));
    }
}
