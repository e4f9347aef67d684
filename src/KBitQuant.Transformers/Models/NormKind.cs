namespace KBitQuant.Transformers.Models;

/// <summary>How a family normalizes hidden states.</summary>
public enum NormKind
{
    /// <summary>Mean subtracted, divided by the standard deviation, scaled by a weight, shifted by a bias.</summary>
    LayerNorm,

    /// <summary>Divided by the root of the mean square, scaled by a weight.</summary>
    RmsNorm,
}
