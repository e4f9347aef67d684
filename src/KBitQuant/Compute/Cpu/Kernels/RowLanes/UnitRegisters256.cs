using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using KBitQuant.Packing;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>One input row, quads written out, their codes in registers: each has other shifts, and the compiler unrolls no such loop. For short lookups.</summary>
internal unsafe struct UnitRegisters256<TWidth, TLookup> : IUnitGemv256<UnitRegisters256<TWidth, TLookup>>
    where TWidth : struct, ICodeWidth
    where TLookup : struct, IRegisterLookup256<TLookup>
{
    private TLookup _lookup;
    private QuadSums256<TLookup> _sums;

    public static int Rows => 1;

    public static int Halves => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static UnitRegisters256<TWidth, TLookup> Of(in RowLaneBlock block) => new() { _lookup = TLookup.Of(block) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(byte* unit, byte* buffer, float* x)
    {
        AddQuad(unit, 0, x);
        AddQuad(unit, 1, x);
        AddQuad(unit, 2, x);
        AddQuad(unit, 3, x);
        AddQuad(unit, 4, x);
        AddQuad(unit, 5, x);
        AddQuad(unit, 6, x);
        AddQuad(unit, 7, x);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddSegment(in RowLaneBlock block, float* constants, float* y) => _sums.AddSegment(block, constants, y);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void AddQuad(byte* unit, int quad, float* x)
    {
        _lookup.Levels(CodePlanes256<TWidth>.Quad(unit, quad), out Vector256<float> levels0, out Vector256<float> levels1, out Vector256<float> levels2, out Vector256<float> levels3);
        _sums.Add(levels0, levels1, levels2, levels3, x + (quad * RowLaneLayout.QuadColumns));
    }
}
