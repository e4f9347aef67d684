using KBitQuant.Quantization;

namespace KBitQuant.Transformers.Models.Layers;

/// <summary>A linear layer as it was loaded, on its way to a device.</summary>
/// <param name="Rows">Outputs.</param>
/// <param name="Columns">Inputs.</param>
/// <param name="Quantized">The weight, where it is quantized.</param>
/// <param name="Values">The weight, row-major, where it is not.</param>
/// <param name="Bias">A value for each row, or empty.</param>
internal sealed record LinearWeight(int Rows, int Columns, QuantizedTensor? Quantized, float[] Values, float[] Bias);
