using KBitQuant.Compute;

namespace KBitQuant.Benchmarks.Peers;

/// <summary>A format of weights, and a way to multiply by it.</summary>
/// <param name="name">The library's name for it.</param>
/// <param name="bits">Bits of a code.</param>
/// <param name="activations">The precision in which inputs are taken; 16-bit floats count as exact.</param>
internal abstract class PeerFormat(string name, int bits, ActivationPrecision activations)
{
    public string Name => name;

    public int Bits => bits;

    public ActivationPrecision Activations => activations;

    /// <summary>Quantizes a problem's weight.</summary>
    public abstract PeerWeight Quantize(Problem problem);
}
