namespace KBitQuant.Transformers.Models;

/// <summary>The rotary position embedding (arXiv 2104.09864): pairs of a head's elements, half the rotated part apart, are turned
/// by an angle proportional to the position.</summary>
/// <param name="Theta">The base of the frequencies; above 0.</param>
/// <param name="Dimensions">How many of a head's elements are rotated: an even number, from the first.</param>
/// <param name="Scaling">How frequencies are scaled for long contexts; null for not at all.</param>
public sealed record RotaryConfig(double Theta, int Dimensions, RotaryScaling? Scaling = null)
{
    /// <summary>The frequency of each pair, in radians per position: theta^(-2i/d).</summary>
    internal double[] Frequencies()
    {
        var frequencies = new double[Dimensions / 2];
        for (int i = 0; i < frequencies.Length; i++)
        {
            double frequency = Math.Pow(Theta, -2.0 * i / Dimensions);
            frequencies[i] = Scaling?.Scale(frequency) ?? frequency;
        }

        return frequencies;
    }
}
