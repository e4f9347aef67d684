namespace KBitQuant.Transformers.Models.Layers;

/// <summary>A normalization as it was loaded.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Weight">The scale of each column.</param>
/// <param name="Bias">What is added to each column, or empty.</param>
/// <param name="Epsilon">What is added to the variance or mean square.</param>
internal sealed record NormWeight(NormKind Kind, float[] Weight, float[] Bias, float Epsilon);
