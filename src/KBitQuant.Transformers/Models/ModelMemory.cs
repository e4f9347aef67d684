namespace KBitQuant.Transformers.Models;

/// <summary>The bytes that a loaded model's weights hold.</summary>
/// <param name="PreparedBytes">Quantized weights in the layouts of their kernels, on their device.</param>
/// <param name="DenseBytes">All others: the embedding and whatever is not quantized, biases and norms included.</param>
public sealed record ModelMemory(long PreparedBytes, long DenseBytes);
