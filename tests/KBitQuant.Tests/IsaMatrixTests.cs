using System.Diagnostics;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KBitQuant.Tests;

/// <summary>Runs every test marked <c>Category=Isa</c> again in child processes with instruction sets switched off.</summary>
public class IsaMatrixTests
{
    private const string ExpectationVariable = "KBITQUANT_TEST_WITHOUT";

    /// <summary>Whether this process is a child of the matrix.</summary>
    public static bool IsChild => Environment.GetEnvironmentVariable(ExpectationVariable) is not null;

    public static TheoryData<string, string> Sets => new()
    {
        { "VBMI", "DOTNET_EnableAVX512v2" },
        { "AVX512", "DOTNET_EnableAVX512" },
        { "AVX2", "DOTNET_EnableAVX2" },
        { "HWIntrinsic", "DOTNET_EnableHWIntrinsic" },
    };

    [Theory]
    [MemberData(nameof(Sets))]
    public async Task TestsPassWithout(string set, string variable)
    {
        Assert.SkipWhen(IsChild, "is itself a run of the matrix");
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true };
        // Started as `dotnet test.dll` or as the executable itself.
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            start.ArgumentList.Add(typeof(IsaMatrixTests).Assembly.Location);
        foreach (string argument in new[] { "-trait", "Category=Isa", "-noLogo", "-noColor" })
            start.ArgumentList.Add(argument);
        start.Environment[variable] = "0";
        start.Environment[ExpectationVariable] = set;
        start.Environment.Remove("TESTINGPLATFORM_UI_LANGUAGE");
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, output + await errors);
        Assert.Contains("Failed: 0", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Total: 0", output, StringComparison.Ordinal);
    }

    /// <summary>Run in the children only.</summary>
    [Fact]
    [Trait("Category", "Isa")]
    public void InTheChildTheSetIsReallyOff()
    {
        string? set = Environment.GetEnvironmentVariable(ExpectationVariable);
        Assert.SkipWhen(set is null, "is meant for the children of the instruction-set matrix");
        Assert.False(Avx512Vbmi.IsSupported);
        if (set is "AVX512" or "AVX2" or "HWIntrinsic")
            Assert.False(Avx512F.IsSupported);
        if (set is "AVX2" or "HWIntrinsic")
            Assert.False(Avx2.IsSupported);
        if (set == "HWIntrinsic")
            Assert.False(Vector128.IsHardwareAccelerated);
    }
}
