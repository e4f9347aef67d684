using KBitQuant.Quantization;

namespace KBitQuant.Transformers.Checkpoints;

/// <summary>One of the tensors that stand for a quantized weight: its name, its type, its shape, and its bytes in memory.</summary>
internal sealed class QuantizedTensorPart(string name, SafetensorsDType dtype, long[] shape, QuantizedTensorPart.Bytes bytesOf)
{
    /// <summary>The bytes of this part of a tensor.</summary>
    public delegate ReadOnlySpan<byte> Bytes(QuantizedTensor tensor);

    public string Name { get; } = name;

    public SafetensorsDType DType { get; } = dtype;

    public long[] Shape { get; } = shape;

    public Bytes BytesOf { get; } = bytesOf;
}
