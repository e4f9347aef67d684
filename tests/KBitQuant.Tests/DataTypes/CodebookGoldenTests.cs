using System.Text.Json;
using KBitQuant.DataTypes;

namespace KBitQuant.Tests.DataTypes;

/// <summary>Tables against those of bitsandbytes and against an independent computation.</summary>
public class CodebookGoldenTests
{
    // Both sides are rounded to float after computations in double that differ in order.
    private const double Tolerance = 1e-6;

    public static TheoryData<string, string> BitsAndBytesNames
    {
        get
        {
            var names = new TheoryData<string, string> { { "code.nf4", "nf4" }, { "code.fp4", "fp4" }, { "code.af4", "af4" }, { "code.dynamic8_unsigned", "udynamic8" } };
            for (int bits = 3; bits <= 8; bits++)
            {
                names.Add($"code.dynamic{bits}", $"dynamic{bits}");
                // Its 8-bit map is not truncated.
                if (bits < 8)
                    names.Add($"code.linear{bits}", $"int{bits}");
                for (int exponentBits = 1; exponentBits <= bits - 2; exponentBits++)
                    names.Add($"code.float{bits}_e{exponentBits}", $"float{bits}-e{exponentBits}m{bits - 1 - exponentBits}-map");
            }

            return names;
        }
    }

    public static TheoryData<string, string> ComputedNames
    {
        get
        {
            var names = new TheoryData<string, string>
            {
                { "nf4", "nf4" }, { "fp4_E2M1_appendix(=bnb FP4)", "fp4" }, { "fp4_E2M1_bnbHEAD", "float4-e2m1-map" }, { "fp4_E2M1_OCP", "fp4-e2m1" },
                { "float3_E2(paper run)", "float3" }, { "float4_E2(heuristic)", "float4-e2m1" },
                { "float7_E4(heuristic)", "float7-e4m2" }, { "float8_E4(heuristic)", "float8-e4m3" },
            };
            for (int bits = 2; bits <= 8; bits++)
            {
                names.Add($"int{bits}", $"int{bits}");
                names.Add($"quantileN{bits}", $"quantile{bits}");
                if (bits >= 3)
                    names.Add($"dynamic{bits}", $"dynamic{bits}");
                if (bits >= 4)
                    names.Add($"float{bits}_E3(paper run)", $"float{bits}");
            }

            return names;
        }
    }

    [Theory]
    [MemberData(nameof(BitsAndBytesNames))]
    public void AgreesWithBitsAndBytes(string golden, string name)
    {
        float[] expected = new GoldenFile(SharedFiles.Require("golden", "bitsandbytes.safetensors")).Get<float>(golden);
        float[] actual = DataTypeCatalog.Get(name).Codebook.ToArray();
        if (name == "fp4")
            AssertClose([.. expected.Select(value => (double)value)], actual);
        // bitsandbytes pads tables to 256 entries with zeros, and AF4 comes in descending order there.
        AssertClose(Distinct(expected.Select(value => (double)value)), Distinct(actual.Select(value => (double)value)));
    }

    [Theory]
    [MemberData(nameof(ComputedNames))]
    public void AgreesWithIndependentComputation(string key, string name)
    {
        using JsonDocument tables = JsonDocument.Parse(File.ReadAllText(SharedFiles.Require("reference", "codebooks.json")));
        double[] expected = [.. tables.RootElement.GetProperty(key).EnumerateArray().Select(value => value.GetDouble())];
        // A fitted table is stored in 16 bits.
        double tolerance = name.StartsWith("quantile", StringComparison.Ordinal) ? Math.ScaleB(1, -12) : Tolerance;
        AssertClose(Distinct(expected), Distinct(DataTypeCatalog.Get(name).Codebook.ToArray().Select(value => (double)value)), tolerance);
    }

    /// <summary>In order, entries within the tolerance of the one before left out: an inexact zero stands beside an exact one there.</summary>
    private static double[] Distinct(IEnumerable<double> values)
    {
        var distinct = new List<double>();
        foreach (double value in values.Order())
        {
            if (distinct.Count == 0 || value - distinct[^1] > Tolerance)
                distinct.Add(value);
        }

        return [.. distinct];
    }

    private static void AssertClose(double[] expected, float[] actual) => AssertClose(expected, [.. actual.Select(value => (double)value)]);

    private static void AssertClose(double[] expected, double[] actual, double tolerance = Tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
            Assert.InRange(actual[i], expected[i] - tolerance, expected[i] + tolerance);
    }
}
