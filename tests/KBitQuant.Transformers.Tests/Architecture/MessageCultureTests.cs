using System.Globalization;
using System.Text.RegularExpressions;
using KBitQuant.Transformers.Generation;
using KBitQuant.Transformers.Models;
using KBitQuant.Transformers.Tests.Models;

namespace KBitQuant.Transformers.Tests.Architecture;

/// <summary>Messages with fractions are the same in every culture.</summary>
public sealed partial class MessageCultureTests : IDisposable
{
    private readonly CultureInfo _before = CultureInfo.CurrentCulture;

    public MessageCultureTests()
    {
        // A culture of its own, as there is no other in globalization-invariant mode.
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        (culture.NumberFormat.NumberDecimalSeparator, culture.NumberFormat.NumberGroupSeparator) = (",", ".");
        CultureInfo.CurrentCulture = culture;
    }

    public static TheoryData<string> Messages => [.. Failures.Keys];

    private static Dictionary<string, Action> Failures { get; } = new()
    {
        ["-0.5"] = () => _ = new SamplingOptions { Temperature = -0.5f },
        ["1.5 was"] = () => _ = new SamplingOptions { TopP = 1.5f },
        ["0.25 was"] = ReadConfigOfPartRotated,
        ["0 to 1; 1.25 was"] = () => Load(SampleConfigs.Llama with { NormEpsilon = 1.25f }),
        ["1.7976931348623157E+308; -1.5 was"] = () => Load(SampleConfigs.Llama with { Rotary = new(-1.5, SampleConfigs.Llama.HeadSize) }),
    };

    public void Dispose() => CultureInfo.CurrentCulture = _before;

    [Theory]
    [MemberData(nameof(Messages))]
    public void FractionsHavePoints(string expected)
    {
        string message = Assert.ThrowsAny<Exception>(Failures[expected]).Message;
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.DoesNotMatch(DecimalComma(), message);
    }

    private static void ReadConfigOfPartRotated()
    {
        using TemporaryFolder folder = new();
        ModelConfig.Load(folder.Write("config.json", """
            {"model_type":"llama","hidden_act":"silu","hidden_size":64,"num_attention_heads":2,"num_hidden_layers":1,"vocab_size":8,
             "intermediate_size":64,"max_position_embeddings":64,"partial_rotary_factor":0.25}
            """u8));
    }

    private static void Load(ModelConfig config) => TransformerModel.Load(config, MemoryWeights.Random(SampleConfigs.Llama, seed: 1)).Dispose();

    [GeneratedRegex(@"\d,\d")]
    private static partial Regex DecimalComma();
}
