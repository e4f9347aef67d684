using System.Text.RegularExpressions;

namespace KBitQuant.Tests.Architecture;

/// <summary>The arrows of ARCHITECTURE.md: a room uses only the rooms before it.</summary>
public partial class DependencyTests
{
    /// <summary>Room to the rooms it may name, beside itself.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Numerics"] = [],
        ["Threading"] = [],
        ["DataTypes"] = ["Numerics"],
        ["Packing"] = ["Numerics"],
        ["Quantization"] = ["Numerics", "Threading", "DataTypes", "Packing"],
        ["Compute"] = ["Numerics", "Threading", "DataTypes", "Packing", "Quantization"],
    };

    public static TheoryData<string> Rooms => [.. Allowed.Keys];

    [Theory]
    [MemberData(nameof(Rooms))]
    public void ARoomNamesOnlyTheRoomsBeforeIt(string room)
    {
        foreach ((string file, string text) in Sources(room))
        {
            IEnumerable<string> named = RoomName().Matches(text).Select(match => match.Groups[1].Value).Where(Allowed.ContainsKey).Distinct();
            Assert.True(named.All(other => other == room || Allowed[room].Contains(other)), $"{file} names {string.Join(", ", named)}");
        }
    }

    [Fact]
    public void OnlyTheGpuRoomNamesIlgpu()
    {
        IEnumerable<string> naming = Sources("").Where(source => source.Text.Contains("using ILGPU", StringComparison.Ordinal)).Select(source => source.File);
        Assert.All(naming, file => Assert.Contains(Path.Combine("Compute", "Gpu"), file, StringComparison.Ordinal));
    }

    [Fact]
    public void EveryRoomIsInTheTable()
    {
        IEnumerable<string> folders = Directory.GetDirectories(Root).Select(folder => Path.GetFileName(folder)!).Where(name => name is not ("bin" or "obj"));
        Assert.Equal(Allowed.Keys.Order(), folders.Order());
    }

    private static string Root => Path.Combine(SharedFiles.Root, "src", "KBitQuant");

    private static IEnumerable<(string File, string Text)> Sources(string room)
    {
        Assert.SkipUnless(Directory.Exists(Root), "needs the sources");
        return Directory.EnumerateFiles(Path.Combine(Root, room), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Select(file => (file, File.ReadAllText(file)));
    }

    [GeneratedRegex(@"KBitQuant\.(\w+)")]
    private static partial Regex RoomName();
}
