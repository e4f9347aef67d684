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
        JsonElement[] quantized = [.. points.Skip(1).Select(point => point.GetProperty("scheme"))];
        Assert.All(quantized, Schemes.AssertReadsBack);
        Assert.Equal([8, 6, 5, 4, 3, 2], quantized.Select(scheme => scheme.GetProperty("bits").GetInt32()).Distinct());
        double Perplexity(string text) => points.Skip(1).Single(point => point.GetProperty("scheme").GetProperty("text").GetString() == text).GetProperty("perplexity").GetDouble();
        Assert.Equal(JsonValueKind.Null, points[0].GetProperty("scheme").ValueKind);
        Assert.Equal(16, points[0].GetProperty("bits").GetProperty("bitsPerParameter").GetDouble());
        double best = points[0].GetProperty("perplexity").GetDouble();
        Assert.InRange(best, 1, 100);
        Assert.InRange(Perplexity("nf4 block 64 fp16"), best, Perplexity("nf3 block 64 fp16"));
        Assert.True(Perplexity("nf3 block 64 fp16") < Perplexity("nf2 block 64 fp16"));
        JsonElement generated = demo.GetProperty("generated");
        Schemes.AssertReadsBack(generated.GetProperty("scheme"));
        Assert.NotEqual("", generated.GetProperty("text").GetString());
    }
}
