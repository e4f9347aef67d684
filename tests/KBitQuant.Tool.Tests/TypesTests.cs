using System.Text.Json;
using KBitQuant.DataTypes;

namespace KBitQuant.Tool.Tests;

public class TypesTests
{
    [Fact]
    public async Task Every_type_of_the_catalogue_is_listed()
    {
        JsonElement types = (await ToolRun.Of("types", "--json")).Json();
        Assert.Equal(DataTypeCatalog.All.Select(type => type.Name), types.EnumerateArray().Select(type => type.GetProperty("name").GetString()));
    }

    [Fact]
    public async Task Bits_choose_the_types()
    {
        JsonElement[] types = [.. (await ToolRun.Of("types", "--bits", "4", "--json")).Json().EnumerateArray()];
        Assert.All(types, type => Assert.Equal(4, type.GetProperty("bits").GetInt32()));
        JsonElement nf4 = types.Single(type => type.GetProperty("name").GetString() == "nf4");
        Assert.Equal(16, nf4.GetProperty("entries").GetInt32());
        Assert.Equal(DataTypeCatalog.Get("nf4").Codebook.ToArray(), nf4.GetProperty("table").EnumerateArray().Select(entry => entry.GetSingle()));
    }

    [Fact]
    public async Task The_text_has_a_line_and_a_plot_for_each_type()
    {
        ToolRun run = await ToolRun.Of("types", "--bits", "2");
        run.AssertSucceeded();
        string line = run.Output.Split('\n').Single(line => line.TrimStart().StartsWith("int2 ", StringComparison.Ordinal));
        Assert.Contains("█", line, StringComparison.Ordinal);
    }
}
