using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using KBitQuant.Packing;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>Quads written out, their codes in registers: each has other shifts, and the compiler unrolls no such loop. For short lookups.</summary>
internal readonly unsafe struct UnitRegisters256<TWidth, TLookup> : IUnitGemv256<TLookup>
    where TWidth : struct, ICodeWidth
    where TLookup : struct, IRegisterLookup256<TLookup>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(
        TLookup lookup, byte* unit, byte* buffer, float* x, ref Vector256<float> part0, ref Vector256<float> part1, ref Vector256<float> part2, ref Vector256<float> part3)
    {
        AddQuad(lookup, unit, 0, x, ref part0, ref part1, ref part2, ref part3);
        AddQuad(lookup, unit, 1, x, ref part0, ref part1, ref part2, ref part3);
        AddQuad(lookup, unit, 2, x, ref part0, ref part1, ref part2, ref part3);
        AddQuad(lookup, unit, 3, x, ref part0, ref part1, ref part2, ref part3);
        AddQuad(lookup, unit, 4, x, ref part0, ref part1, ref part2, ref part3);
        AddQuad(lookup, unit, 5, x, ref part0, ref part1, ref part2, ref part3);
        AddQuad(lookup, unit, 6, x, ref part0, ref part1, ref part2, ref part3);
        AddQuad(lookup, unit, 7, x, ref part0, ref part1, ref part2, ref part3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddQuad(
        TLookup lookup, byte* unit, int quad, float* x, ref Vector256<float> part0, ref Vector256<float> part1, ref Vector256<float> part2, ref Vector256<float> part3)
    {
        lookup.Levels(CodePlanes256<TWidth>.Quad(unit, quad), out Vector256<float> levels0, out Vector256<float> levels1, out Vector256<float> levels2, out Vector256<float> levels3);
        QuadGemv256<TLookup>.Add(levels0, levels1, levels2, levels3, x + (quad * RowLaneLayout.QuadColumns), ref part0, ref part1, ref part2, ref part3);
    }
}
