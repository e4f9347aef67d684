using KBitQuant.Quantization;
using KBitQuant.Transformers.Checkpoints;

namespace KBitQuant.Tool.Output;

/// <summary>How something is quantized, in JSON.</summary>
/// <param name="Text">All of it, as <see cref="QuantizationScheme.Parse"/> reads it.</param>
/// <param name="Type">The data type's name.</param>
/// <param name="Bits">The bits of a code.</param>
/// <param name="Block">Elements that share a constant; 0 for whole tensors.</param>
/// <param name="Constants">The format of constants and offsets.</param>
/// <param name="Nested">Whether the constants are quantized themselves.</param>
/// <param name="Offset">What each block subtracts.</param>
internal sealed record SchemeDocument(string Text, string Type, int Bits, int Block, string Constants, bool Nested, string Offset)
{
    public SchemeDocument(QuantizationScheme scheme)
        : this(
            scheme.ToString(),
            scheme.DataType.Name,
            scheme.DataType.Bits,
            scheme.BlockSize,
            scheme.Constants.Name,
            scheme.Nested,
            QuantizedTensorLayout.OffsetName(scheme.Offset))
    {
    }
}
