using System.Runtime.Intrinsics;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>One input row times a unit of half a row group, as a type: the compiler makes a loop for each way.</summary>
internal unsafe interface IUnitGemv256<TLookup>
    where TLookup : struct, IQuadLookup256<TLookup>
{
    /// <summary>Adds the unit's levels times its inputs, to a sum for each vector of a quad: a multiply-add need not wait for the one before.</summary>
    /// <param name="lookup">Makes levels of codes.</param>
    /// <param name="unit">The unit, from the half's first lane on.</param>
    /// <param name="buffer">Room for the unit's codes, a byte each.</param>
    /// <param name="x">The inputs of its columns.</param>
    /// <param name="part0">Sums of the first vectors.</param>
    /// <param name="part1">Sums of the second.</param>
    /// <param name="part2">Sums of the third.</param>
    /// <param name="part3">Sums of the fourth.</param>
    static abstract void Add(
        TLookup lookup, byte* unit, byte* buffer, float* x, ref Vector256<float> part0, ref Vector256<float> part1, ref Vector256<float> part2, ref Vector256<float> part3);
}
