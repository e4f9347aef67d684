using KBitQuant.Quantization;

namespace KBitQuant.Compute.Benchmarking;

/// <summary>A product to time: y = x W^T.</summary>
/// <param name="Rows">N: rows of the weight.</param>
/// <param name="Columns">K: columns of the weight.</param>
/// <param name="BatchSize">M: rows of the inputs.</param>
/// <param name="Scheme">How the weight is quantized.</param>
internal sealed record MatMulCell(int Rows, int Columns, int BatchSize, QuantizationScheme Scheme)
{
    /// <summary>2 M N K.</summary>
    public double Flops => 2.0 * BatchSize * Rows * Columns;

    /// <summary>Such as <c>[8192, 8192] M=1 nf4 block 64 fp16</c>.</summary>
    public override string ToString() => $"[{Rows}, {Columns}] M={BatchSize} {Scheme}";
}
