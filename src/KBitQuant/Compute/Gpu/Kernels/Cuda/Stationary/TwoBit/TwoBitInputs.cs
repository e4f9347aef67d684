using ILGPU;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Stationary.TwoBit;

/// <summary>Eight consecutive inputs of a lane.</summary>
internal struct TwoBitInputs
{
    public Floats2 A;
    public Floats2 B;
    public Floats2 C;
    public Floats2 D;

    /// <summary>The bits of the largest magnitude: of NaN more than of any number.</summary>
    public readonly uint Largest => Larger(Larger(Larger(A), Larger(B)), Larger(Larger(C), Larger(D)));

    /// <summary>Loads them, or zeros.</summary>
    public static TwoBitInputs Load<TElement>(long address, bool isWanted)
        where TElement : struct, ITensorElement
    {
        Words4 words = PtxMemory.LoadIf4(address, isWanted ? 1u : 0u);
        TElement element = default;
        return new() { A = element.Widen(words.X), B = element.Widen(words.Y), C = element.Widen(words.Z), D = element.Widen(words.W) };
    }

    private static uint Larger(Floats2 values) => Larger(Magnitude(values.X), Magnitude(values.Y));

    private static uint Larger(uint a, uint b) => IntrinsicMath.Max(a, b);

    private static uint Magnitude(float value) => Interop.FloatAsInt(value) & 0x7FFF_FFFF;
}
