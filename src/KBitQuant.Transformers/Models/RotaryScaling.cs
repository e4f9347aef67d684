namespace KBitQuant.Transformers.Models;

/// <summary>How Llama 3 stretches the rotary embedding to long contexts (<c>rope_type</c> <c>llama3</c>): long wavelengths are
/// slowed down, short ones kept, those between interpolated.</summary>
/// <param name="Factor">By how much long wavelengths are slowed; at least 1.</param>
/// <param name="LowFrequencyFactor">Wavelengths above the original context divided by this are slowed in full; above 0.</param>
/// <param name="HighFrequencyFactor">Wavelengths below the original context divided by this are kept; above the low
/// factor.</param>
/// <param name="OriginalMaxPositions">The context length of the training; at least 1.</param>
public sealed record RotaryScaling(double Factor, double LowFrequencyFactor, double HighFrequencyFactor, int OriginalMaxPositions)
{
    /// <summary>A frequency, in radians per position, after scaling.</summary>
    internal double Scale(double frequency)
    {
        double wavesInContext = OriginalMaxPositions * frequency / (2 * Math.PI);
        double kept = Math.Clamp((wavesInContext - LowFrequencyFactor) / (HighFrequencyFactor - LowFrequencyFactor), 0, 1);
        return ((1 - kept) * frequency / Factor) + (kept * frequency);
    }
}
