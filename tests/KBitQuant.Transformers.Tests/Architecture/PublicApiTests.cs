using System.Reflection;
using KBitQuant.DataTypes;
using KBitQuant.Transformers.Models;
using PublicApiGenerator;

namespace KBitQuant.Transformers.Tests.Architecture;

/// <summary>The public members of both packages are those that were approved: nothing becomes public, changes or goes unnoticed.</summary>
public class PublicApiTests
{
    /// <summary>Set to 1, it makes the test write what it finds to the approved files.</summary>
    private const string ApproveVariable = "KBITQUANT_APPROVE_API";

    private static readonly string Folder = Path.Combine(SharedFiles.Root, "tests", "KBitQuant.Transformers.Tests", "Architecture");

    public static TheoryData<string> Packages => new("KBitQuant", "KBitQuant.Transformers");

    [Theory]
    [MemberData(nameof(Packages))]
    public async Task ThePublicMembersAreTheApprovedOnes(string package)
    {
        Assert.SkipUnless(Directory.Exists(Folder), "needs the sources");
        Assembly assembly = package == "KBitQuant" ? typeof(DataType).Assembly : typeof(TransformerModel).Assembly;
        string actual = assembly.GeneratePublicApi(new ApiGeneratorOptions { IncludeAssemblyAttributes = false });
        string path = Path.Combine(Folder, $"{package}.api.txt");
        if (Environment.GetEnvironmentVariable(ApproveVariable) == "1")
            await File.WriteAllTextAsync(path, actual.ReplaceLineEndings("\n").TrimEnd() + "\n", TestContext.Current.CancellationToken);
        string[] approved = await File.ReadAllLinesAsync(path, TestContext.Current.CancellationToken);
        string[] found = actual.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');
        string[] gone = [.. approved.Except(found)], come = [.. found.Except(approved)];
        Assert.True(
            approved.SequenceEqual(found),
            $"""
            The public members of {package} are not those of {path}.
            Gone:
            {string.Join('\n', gone)}
            New:
            {string.Join('\n', come)}
            If that is what you want, run this test once with {ApproveVariable}=1 and commit the file: its difference is the change of the public interface.
            """);
    }
}
