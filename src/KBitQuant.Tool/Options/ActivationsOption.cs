using System.CommandLine;
using System.CommandLine.Parsing;
using KBitQuant.Compute;

namespace KBitQuant.Tool.Options;

/// <summary>The option that says in which precision quantized weights may take their inputs.</summary>
internal static class ActivationsOption
{
    private const string OptionName = "--activations";
    private static readonly string[] Words = [.. Enum.GetValues<ActivationPrecision>().Select(WordOf)];

    public static Option<ActivationPrecision> Create() => new(OptionName)
    {
        Description = "Inputs of quantized weights: exact, or rounded to 8 bits (int8) where a kernel does.",
        HelpName = string.Join('|', Words),
        DefaultValueFactory = _ => ActivationPrecision.Exact,
        CustomParser = Parse,
    };

    /// <summary>The word for a precision.</summary>
    public static string WordOf(ActivationPrecision precision) => precision switch
    {
        ActivationPrecision.Exact => "exact",
        ActivationPrecision.Int8 => "int8",
        _ => throw new ArgumentOutOfRangeException(nameof(precision), precision, "There is no word for it."),
    };

    private static ActivationPrecision Parse(ArgumentResult result)
    {
        string given = result.Tokens[0].Value;
        int index = Array.IndexOf(Words, given);
        if (index < 0)
            result.AddError($"{OptionName} takes {string.Join(" or ", Words)}; '{given}' was given.");
        return Enum.GetValues<ActivationPrecision>()[Math.Max(index, 0)];
    }
}
