using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KBitQuant.Quantization;

/// <summary>A constant and an offset for each vector of 16 values.</summary>
/// <typeparam name="TOffsets">Whether there are offsets.</typeparam>
internal readonly unsafe struct VectorScales<TOffsets>
    where TOffsets : struct, IOffsets
{
    private readonly float* _constants;
    private readonly float* _offsets;

    /// <param name="constants">The constants.</param>
    /// <param name="offsets">The offsets, -0 where there is none: adding it changes nothing, not even the sign of a zero.</param>
    public VectorScales(float* constants, float* offsets)
    {
        _constants = constants;
        _offsets = offsets;
    }

    /// <summary>Those of the decoder's next step.</summary>
    public VectorScales<TOffsets> Next
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(_constants + FusedDecoder.StepVectors, TOffsets.Any ? _offsets + FusedDecoder.StepVectors : null);
    }

    /// <summary>The values of table entries, rounded after the product and after the sum.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Apply(Vector512<float> entries, int vector)
    {
        Vector512<float> product = Avx512F.Multiply(entries, Vector512.Create(_constants[vector]));
        return TOffsets.Any ? Avx512F.Add(product, Vector512.Create(_offsets[vector])) : product;
    }
}
