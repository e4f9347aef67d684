using System.CommandLine;
using KBitQuant.Compute;

namespace KBitQuant.Tool.Options;

/// <summary>The option that says in which precision quantized weights may take their inputs.</summary>
internal static class ActivationsOption
{
    private static readonly (string Word, ActivationPrecision Value)[] Words =
        [("exact", ActivationPrecision.Exact), ("int8", ActivationPrecision.Int8)];

    public static Option<ActivationPrecision> Create() => ParsedOption.Words(
        "--activations", "Inputs of quantized weights: exact, or rounded to 8 bits (int8) where a kernel does.", Words);

    /// <summary>The word for a precision.</summary>
    public static string WordOf(ActivationPrecision precision) => Words.Single(word => word.Value == precision).Word;
}
