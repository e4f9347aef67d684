using KBitQuant.Quantization;
using KBitQuant.Transformers.Models.Layers;

namespace KBitQuant.Transformers.Models.Gpu;

/// <summary>Joins linear layers that read the same input into one, row after row: one product then does the work of several.</summary>
internal static class LinearJoin
{
    /// <summary>The joined layer; null where their formats do not allow it.</summary>
    public static LinearWeight? TryJoin(LinearWeight[] weights)
    {
        float[] bias = [.. weights.SelectMany(weight => weight.Bias)];
        int rows = weights.Sum(weight => weight.Rows);
        if (bias.Length > 0 && bias.Length != rows)
            return null;
        int columns = weights[0].Columns;
        QuantizedTensor[] quantized = [.. weights.Select(weight => weight.Quantized).OfType<QuantizedTensor>()];
        if (quantized.Length == 0)
            return new(rows, columns, null, [.. weights.SelectMany(weight => weight.Values)], bias);
        return quantized.Length == weights.Length && QuantizedTensor.TryJoinRows(quantized) is { } joined ? new(rows, columns, joined, [], bias) : null;
    }
}
