using System.Text.Json;

namespace KBitQuant.Tool.Tests;

public class DemoTests
{
    [Fact]
    public async Task The_demo_compares_bits_with_quality_and_writes()
    {
        JsonElement demo = (await ToolRun.Of("demo", "--json")).Json();
        JsonElement[] points = [.. demo.GetProperty("points").EnumerateArray()];
        Assert.Equal(31, points.Length);
        Assert.Equal([16, 8, 6, 5, 4, 3, 2], points.Select(point => point.GetProperty("bits").GetInt32()).Distinct());
        double Perplexity(string type) => points.Single(point => point.GetProperty("type").GetString() == type).GetProperty("perplexity").GetDouble();
        Assert.InRange(Perplexity("fp16"), 1, 100);
        Assert.InRange(Perplexity("nf4"), Perplexity("fp16"), Perplexity("nf3"));
        Assert.True(Perplexity("nf3") < Perplexity("nf2"));
        Assert.NotEqual("", demo.GetProperty("text").GetString());
    }
}
