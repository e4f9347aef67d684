using System.Text.Json;

namespace KBitQuant.Tool.Tests;

public class BenchTests
{
    private const string Small = "--shapes 64x128,32x96 --m 1,3 --types nf4,int3";

    [Fact]
    public async Task Every_cell_has_its_time_shares_and_kernel()
    {
        JsonElement document = (await ToolRun.Of($"bench {Small} --threads 1 --nested --json".Split(' '))).Json();
        JsonElement environment = document.GetProperty("environment");
        Assert.Equal(1, environment.GetProperty("threads").GetInt32());
        Assert.Equal("CPU, 1 thread", environment.GetProperty("device").GetString());
        Assert.Equal("fp32", document.GetProperty("input").GetString());
        Assert.True(document.GetProperty("rotationBytes").GetInt64() > 0);
        JsonElement[] results = [.. document.GetProperty("results").EnumerateArray()];
        Assert.Equal(8, results.Length);
        foreach (JsonElement result in results)
        {
            string[] positive =
            [
                "n", "k", "m", "weightBytes", "microseconds", "bestMicroseconds", "weightGigabytesPerSecond", "teraflopsPerSecond",
                "readGigabytesPerSecond", "peakTeraflopsPerSecond", "shareOfRead", "shareOfPeak", "relativeError",
            ];
            foreach (string name in positive)
                Assert.True(result.GetProperty(name).GetDouble() > 0, name);
            Assert.StartsWith("row-lanes", result.GetProperty("kernel").GetString(), StringComparison.Ordinal);
            Assert.Equal("exact", result.GetProperty("activations").GetString());
            Schemes.AssertReadsBack(result.GetProperty("scheme"));
            Assert.Contains(result.GetProperty("scheme").GetProperty("text").GetString(), (string[])["nf4 block 64 fp16 nested", "int3 block 64 fp16 nested"]);
            Assert.Equal(JsonValueKind.Null, result.GetProperty("failure").ValueKind);
        }
    }

    [Fact]
    public async Task The_text_has_a_table_for_each_weight()
    {
        ToolRun run = await ToolRun.Of($"bench {Small} --check --activations int8".Split(' '));
        run.AssertSucceeded();
        foreach (string words in (string[])["checked, not timed.", "64 x 128, nf4 block 64 fp16", "32 x 96, int3 block 64 fp16", "| kernel", "int8-"])
            Assert.Contains(words, run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fp16")]
    [InlineData("bf16")]
    public async Task A_gpu_without_a_clock_checks_but_does_not_time(string input)
    {
        string arguments = $"bench --device emulated --shapes 16x64 --m 1,3 --input {input}";
        ToolRun run = await ToolRun.Of($"{arguments} --check --json".Split(' '));
        JsonElement[] results = [.. run.Json().GetProperty("results").EnumerateArray()];
        Assert.Equal(["portable", "portable"], results.Select(result => result.GetProperty("kernel").GetString()));
        Assert.Equal(JsonValueKind.Null, run.Json().GetProperty("environment").GetProperty("threads").ValueKind);
        Assert.Equal(JsonValueKind.Null, run.Json().GetProperty("rotationBytes").ValueKind);
        (await ToolRun.Of($"{arguments} --json".Split(' '))).AssertFailed(1, "graphs of CUDA", "Emulated GPU");
    }

    [Fact]
    public async Task A_variable_of_the_environment_forces_a_kernel()
    {
        const string Variable = "KBITQUANT_KERNEL";
        string[] arguments = "bench --shapes 64x64 --m 1 --check --json".Split(' ');
        JsonElement document = (await ToolRun.With([(Variable, "decode-row")], arguments)).Json();
        Assert.Equal("decode-row", document.GetProperty("results")[0].GetProperty("kernel").GetString());
        ToolRun run = await ToolRun.With([(Variable, "none")], arguments);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains($"no kernel 'none' (of the environment variable {Variable})", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cell_that_fails_is_named_and_fails_the_run()
    {
        ToolRun run = await ToolRun.Of("bench --shapes 64x100 --m 1 --check --kernels decode-row,row-lanes".Split(' '));
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("1 of 2 products failed", run.Error, StringComparison.Ordinal);
        Assert.Contains("row-lanes: 100 columns in blocks of 64", run.Output, StringComparison.Ordinal);
    }
}
