using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda;

/// <summary>A 16-bit element that tensor cores multiply.</summary>
internal interface ITensorElement
{
    /// <summary>The number that table entries were multiplied with, twice, as elements.</summary>
    uint ScaleTwice { get; }

    /// <summary>What takes it out of the sums again.</summary>
    float InverseScale { get; }

    /// <summary>The first of those elements whose lower byte counts in ones.</summary>
    float CountingStart { get; }

    /// <summary>a * b + c (<see cref="PtxTensorCore"/>).</summary>
    Floats4 Multiply(Words4 a, Words2 b, Floats4 c);

    /// <summary>As <see cref="Multiply"/>, of a warpgroup by 32 columns (<see cref="PtxWarpgroup"/>).</summary>
    void MultiplyBy32(Words4 a, ulong b);

    /// <summary>As <see cref="MultiplyBy32"/>, by 64 columns.</summary>
    void MultiplyBy64(Words4 a, ulong b);

    /// <summary>As <see cref="MultiplyBy32"/>, by 128 columns.</summary>
    void MultiplyBy128(Words4 a, ulong b);

    /// <summary>As <see cref="MultiplyBy32"/>, by 256 columns.</summary>
    void MultiplyBy256(Words4 a, ulong b);

    /// <summary>A float, rounded, twice in a register.</summary>
    uint Twice(float value);

    /// <summary>a * b + c of two elements in a register, rounded once.</summary>
    uint MultiplyAdd(uint a, uint b, uint c);

    /// <summary>Two floats to the nearest elements' bits, ties to even, the first one in the lower half.</summary>
    uint Round(float low, float high);

    /// <summary>A float to the nearest element's bits, ties to even.</summary>
    uint Round(float value);

    /// <summary>Two elements, exactly, the lower one first.</summary>
    Floats2 Widen(uint pair);
}
