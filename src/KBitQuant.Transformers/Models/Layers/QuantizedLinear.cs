using KBitQuant.Compute;

namespace KBitQuant.Transformers.Models.Layers;

/// <summary>A linear layer whose weight is quantized and runs on a device.</summary>
internal sealed class QuantizedLinear(PreparedWeight weight, float[] bias) : Linear(weight.Rows, weight.Columns)
{
    public override long ByteLength => weight.ByteLength;

    public override string KernelName => weight.KernelName;

    public override void Apply(ReadOnlySpan<float> x, int m, Span<float> y) => weight.MatMul(x, m, y, bias);

    public override void Dispose()
    {
        weight.Dispose();
        base.Dispose();
    }
}
