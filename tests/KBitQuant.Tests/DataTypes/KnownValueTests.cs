using KBitQuant.Compute;
using KBitQuant.DataTypes;
using KBitQuant.Quantization;

namespace KBitQuant.Tests.DataTypes;

public class KnownValueTests
{
    private static readonly QuantizationScheme Scheme = new(DataTypeCatalog.Get("nf4"));

    public static TheoryData<string, string, Action> Unknown => new()
    {
        { "variant", "FloatVariant is one of PaperAppendix, Ieee, BitsAndBytesMap; 3 was given.", () => MiniFloat.Create(4, 3, (FloatVariant)3) },
        { "special", "SpecialCodes is one of None, NaN, InfinityAndNaN; 3 was given.", () => MiniFloat.Create(4, 3, FloatVariant.Ieee, (SpecialCodes)3) },
        { "Offset", "BlockOffset is one of None, Mean, Minimum; -1 was given.", () => _ = Scheme with { Offset = (BlockOffset)(-1) } },
        { "Activations", "ActivationPrecision is one of Exact, Int8; 2 was given.", () => _ = new KernelPreference { Activations = (ActivationPrecision)2 } },
    };

    [Theory]
    [MemberData(nameof(Unknown), DisableDiscoveryEnumeration = true)]
    public void AValueThatIsNoneIsRefusedWithThoseThereAre(string name, string words, Action give)
    {
        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(give);
        Assert.Equal(name, error.ParamName);
        Assert.StartsWith(words, error.Message, StringComparison.Ordinal);
    }
}
