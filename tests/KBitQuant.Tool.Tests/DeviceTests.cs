using System.Text.Json;

namespace KBitQuant.Tool.Tests;

/// <summary><c>--device</c>: where a model runs.</summary>
public class DeviceTests
{
    private static readonly string[] Eval = ["eval", SmallModel.Folder, "--text", SmallModel.Text, "--tokens", "4", "--type", "nf4", "--json"];

    /// <summary>On the emulation, so that there is one everywhere.</summary>
    [Fact]
    public async Task A_gpu_evaluates_as_the_processor_does()
    {
        JsonElement onProcessor = (await ToolRun.Of(Eval)).Json();
        JsonElement onGpu = (await ToolRun.Of([.. Eval, "--device", "gpu:emulated"])).Json();

        double expected = onProcessor.GetProperty("perplexity").GetDouble();
        // Of three tokens: a logit of up to 20, rounded as in GpuDecoderTests some 30 times by 2^-12 of it on average, has moved by
        // the root of 30 times that, 0.03, and the mean of three losses by less.
        Assert.InRange(onGpu.GetProperty("perplexity").GetDouble(), expected * 0.97, expected * 1.03);
        JsonElement processor = onProcessor.GetProperty("environment"), gpu = onGpu.GetProperty("environment");
        Assert.StartsWith("CPU, ", processor.GetProperty("device").GetString(), StringComparison.Ordinal);
        Assert.Equal(Math.Min(Environment.ProcessorCount, 1024), processor.GetProperty("threads").GetInt32());
        Assert.Equal("Emulated GPU", gpu.GetProperty("device").GetString());
        Assert.Equal(JsonValueKind.Null, gpu.GetProperty("threads").ValueKind);
        Assert.Equal("portable", Assert.Single(onGpu.GetProperty("model").GetProperty("kernels").EnumerateArray()).GetString());
        string Bits(JsonElement document) => document.GetProperty("model").GetProperty("bits").GetRawText();
        Assert.Equal(Bits(onProcessor), Bits(onGpu));
    }

    [Fact]
    public async Task A_gpu_continues_as_the_processor_does()
    {
        string[] generate = ["generate", SmallModel.Folder, "--prompt", "The", "--tokens", "2"];
        ToolRun onProcessor = await ToolRun.Of(generate);
        ToolRun onGpu = await ToolRun.Of([.. generate, "--device", "emulated"]);

        onGpu.AssertSucceeded();
        Assert.Equal(onProcessor.Output, onGpu.Output);
    }

    [Theory]
    [InlineData("CPU")]
    [InlineData("GPU:Emulated")]
    public async Task Devices_may_be_named_in_any_case(string device) =>
        (await ToolRun.Of([.. Eval[..^3], "--json", "--device", device])).AssertSucceeded();

    [Theory]
    [InlineData("no such card", "'no such card'")]
    [InlineData("gpu:no such card", "'no such card'")]
    [InlineData("gpu:99", "number 99")]
    public async Task A_device_that_is_not_there_is_named_with_what_there_is(string device, string wanted) =>
        (await ToolRun.Of([.. Eval, "--device", device])).AssertFailed(1, wanted, "'emulated'");
}
