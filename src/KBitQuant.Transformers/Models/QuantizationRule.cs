using System.IO.Enumeration;
using KBitQuant.Quantization;

namespace KBitQuant.Transformers.Models;

/// <summary>Says how the weights whose names match are quantized.</summary>
/// <param name="Pattern">A tensor's name, case-sensitive; <c>*</c> stands for any text, <c>?</c> for any character.</param>
/// <param name="Scheme">How they are quantized; null to leave them as they are.</param>
public sealed record QuantizationRule(string Pattern, QuantizationScheme? Scheme)
{
    /// <summary>A tensor's name, case-sensitive; <c>*</c> stands for any text, <c>?</c> for any character.</summary>
    public string Pattern { get; init => field = value ?? throw new ArgumentNullException(nameof(Pattern)); } =
        Pattern ?? throw new ArgumentNullException(nameof(Pattern));

    /// <summary>Whether the pattern stands for one name only.</summary>
    internal bool IsLiteral => Pattern.AsSpan().IndexOfAny('*', '?') < 0;

    internal bool Matches(string name) => FileSystemName.MatchesSimpleExpression(Pattern, name, ignoreCase: false);
}
