using System.Numerics.Tensors;

namespace KBitQuant.Transformers.Models.Layers;

/// <summary>Normalizes rows: RMSNorm (arXiv 1910.07467) or LayerNorm (arXiv 1607.06450).</summary>
internal sealed class Norm(NormKind kind, float[] weight, float[] bias, float epsilon)
{
    /// <summary>Normalizes each row of <paramref name="x"/> into <paramref name="y"/>; the two may be the same.</summary>
    public void Apply(ReadOnlySpan<float> x, Span<float> y)
    {
        for (int start = 0; start < x.Length; start += weight.Length)
            ApplyToRow(x.Slice(start, weight.Length), y.Slice(start, weight.Length));
    }

    private void ApplyToRow(ReadOnlySpan<float> x, Span<float> y)
    {
        float mean = kind == NormKind.LayerNorm ? TensorPrimitives.Sum(x) / x.Length : 0;
        TensorPrimitives.Subtract(x, mean, y);
        float variance = TensorPrimitives.SumOfSquares<float>(y) / y.Length;
        TensorPrimitives.Multiply(y, 1 / MathF.Sqrt(variance + epsilon), y);
        if (kind == NormKind.LayerNorm)
            TensorPrimitives.MultiplyAdd(y, weight, bias, y);
        else
            TensorPrimitives.Multiply(y, weight, y);
    }
}
