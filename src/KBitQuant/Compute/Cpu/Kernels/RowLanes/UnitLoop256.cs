using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using KBitQuant.Packing;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>One input row, quads in a loop, their codes unpacked before: for lookups of so many instructions that a processor's buffers do not hold them eight
/// times.</summary>
internal unsafe struct UnitLoop256<TWidth, TLookup> : IUnitGemv256<UnitLoop256<TWidth, TLookup>>
    where TWidth : struct, ICodeWidth
    where TLookup : struct, IQuadLookup256<TLookup>
{
    private TLookup _lookup;
    private QuadSums256<TLookup> _sums;

    public static int Rows => 1;

    public static int Halves => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static UnitLoop256<TWidth, TLookup> Of(in RowLaneBlock block) => new() { _lookup = TLookup.Of(block) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(byte* unit, byte* buffer, float* x)
    {
        byte* codes = CodePlanes256<TWidth>.Unpack(unit, buffer);
        for (int quad = 0; quad < RowLaneLayout.UnitQuads; quad++, codes += CodePlanes256<TWidth>.QuadStride)
        {
            _lookup.Levels(codes, byColumn: false, out Vector256<float> levels0, out Vector256<float> levels1, out Vector256<float> levels2, out Vector256<float> levels3);
            _sums.Add(levels0, levels1, levels2, levels3, x + (quad * RowLaneLayout.QuadColumns));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddSegment(in RowLaneBlock block, float* constants, float* y) => _sums.AddSegment(block, constants, y);
}
