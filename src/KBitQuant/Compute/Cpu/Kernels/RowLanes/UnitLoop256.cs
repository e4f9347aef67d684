using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using KBitQuant.Packing;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>Quads in a loop, their codes unpacked before: for lookups of so many instructions that a processor's buffers do not hold them eight times.</summary>
internal readonly unsafe struct UnitLoop256<TWidth, TLookup> : IUnitGemv256<TLookup>
    where TWidth : struct, ICodeWidth
    where TLookup : struct, IQuadLookup256<TLookup>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(
        TLookup lookup, byte* unit, byte* buffer, float* x, ref Vector256<float> part0, ref Vector256<float> part1, ref Vector256<float> part2, ref Vector256<float> part3)
    {
        byte* codes = CodePlanes256<TWidth>.Unpack(unit, buffer);
        for (int quad = 0; quad < RowLaneLayout.UnitQuads; quad++, codes += CodePlanes256<TWidth>.QuadStride)
        {
            lookup.Levels(codes, byColumn: false, out Vector256<float> levels0, out Vector256<float> levels1, out Vector256<float> levels2, out Vector256<float> levels3);
            QuadGemv256<TLookup>.Add(levels0, levels1, levels2, levels3, x + (quad * RowLaneLayout.QuadColumns), ref part0, ref part1, ref part2, ref part3);
        }
    }
}
