using System.Globalization;
using KBitQuant.Quantization;

namespace KBitQuant.Tool.Options;

/// <summary>The shape of a weight.</summary>
/// <param name="Rows">N.</param>
/// <param name="Columns">K.</param>
internal readonly record struct WeightShape(int Rows, int Columns)
{
    /// <summary>Reads such as <c>11008x4096</c>.</summary>
    /// <exception cref="ArgumentException">It is no shape.</exception>
    public static WeightShape Parse(string text) =>
        text.Split('x') is [string rows, string columns] && Number(rows) is { } n && Number(columns) is { } k && (long)n * k <= QuantizedTensor.MaxLength
            ? new(n, k)
            : throw new ArgumentException($"a shape is NxK, such as 11008x4096, with at most {QuantizedTensor.MaxLength} elements; '{text}' was given.");

    /// <summary>A number from 1 up, or null.</summary>
    public static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0 ? number : null;
}
