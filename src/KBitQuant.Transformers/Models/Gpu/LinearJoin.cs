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

    /// <summary>Gate and up, whose rows take turns; null where their formats do not allow it.</summary>
    public static LinearWeight? TryInterleave(LinearWeight gate, LinearWeight up)
    {
        if (gate.Bias.Length != up.Bias.Length || gate.Quantized is null != up.Quantized is null)
            return null;
        float[] bias = gate.Bias.Length == 0 ? [] : QuantizedTensor.InterleaveRows<float>(gate.Bias, up.Bias, gate.Rows);
        int rows = 2 * gate.Rows;
        if (gate.Quantized is null || up.Quantized is null)
            return new(rows, gate.Columns, null, QuantizedTensor.InterleaveRows<float>(gate.Values, up.Values, gate.Rows), bias);
        return QuantizedTensor.TryInterleaveRows(gate.Quantized, up.Quantized) is { } joined ? new(rows, gate.Columns, joined, [], bias) : null;
    }
}
