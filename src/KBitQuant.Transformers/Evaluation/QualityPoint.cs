using KBitQuant.Quantization;

namespace KBitQuant.Transformers.Evaluation;

/// <summary>What a way of quantizing costs a model: a point of the plane of bits and quality.</summary>
/// <param name="Scheme">How linear layers are quantized; null for not at all.</param>
/// <param name="Bits">Every bit of the model.</param>
/// <param name="Perplexity">The perplexity of the text.</param>
/// <param name="RelativeError">The distance of all quantized weights from their originals, relative to the norm of these.</param>
public sealed record QualityPoint(QuantizationScheme? Scheme, BitLedger Bits, double Perplexity, double RelativeError);
