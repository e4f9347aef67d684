using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using KBitQuant.Packing;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>
/// Exact products from <see cref="RowLaneLayout"/> on vectors of 8 lanes: a quad of columns of 8 rows, half a row group, at a time. How its
/// codes become floats is <typeparamref name="TLookup"/>'s.
/// </summary>
internal sealed unsafe class RowLaneVector256<TWidth, TLookup> : IRowLaneOperations
    where TWidth : struct, ICodeWidth
    where TLookup : struct, IQuadLookup256<TLookup>
{
    private const int Lanes = RowLaneLayout.Lanes;
    private const int HalfLanes = Lanes / 2;
    private const int HalfBytes = HalfLanes * sizeof(uint);
    private const int QuadLength = RowLaneLayout.QuadColumns * RowLaneBlock.PanelRows;
    private const int Halves = 2;

    public static int GemvGroups => GroupGemv256<TWidth, UnitLoop256<TWidth, TLookup>>.Groups;

    public static void Gemv(in RowLaneBlock block, float* x, float* y) => GroupGemv256<TWidth, UnitLoop256<TWidth, TLookup>>.Gemv(block, x, y);

    public static void DecodePanel(in RowLaneBlock block, int group, int firstUnit, int unitCount, float* panel)
    {
        for (int half = 0; half < Halves; half++)
            DecodeHalf(block, group, half, firstUnit, unitCount, panel + (half * HalfLanes));
    }

    [MethodImpl(InnerLoop.Options)]
    private static void DecodeHalf(in RowLaneBlock block, int group, int half, int firstUnit, int unitCount, float* panel)
    {
        TLookup lookup = TLookup.Of(block);
        byte* buffer = stackalloc byte[CodePlanes256<TWidth>.UnpackedBytes];
        byte* codes = block.Codes + block.GroupBytes(group) + ((long)firstUnit * RowLaneLayout.UnitBytes(TWidth.Bits)) + (half * HalfBytes);
        for (int unit = firstUnit; unit < firstUnit + unitCount; unit++, codes += RowLaneLayout.UnitBytes(TWidth.Bits), panel += RowLaneLayout.UnitQuads * QuadLength)
        {
            // The next slice: it arrives while this one is multiplied.
            if (half == 0)
                CodePlanes256<TWidth>.Prefetch(codes + ((long)unitCount * RowLaneLayout.UnitBytes(TWidth.Bits)));
            long lane = block.GroupConstants(group) + ((long)(unit / block.UnitsPerSegment) * Lanes) + (half * HalfLanes);
            Vector256<float> constants = TLookup.Scale(block, Vector256.Load(block.Constants + lane));
            Vector256<float> offsets = block.Offsets is null ? Vector256<float>.Zero : Vector256.Load(block.Offsets + lane);
            byte* quads = CodePlanes256<TWidth>.Unpack(codes, buffer);
            for (int quad = 0; quad < RowLaneLayout.UnitQuads; quad++, quads += CodePlanes256<TWidth>.QuadStride)
                Decode(lookup, quads, constants, offsets, panel + (quad * QuadLength));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Decode(TLookup lookup, byte* codes, Vector256<float> constants, Vector256<float> offsets, float* panel)
    {
        lookup.Levels(codes, byColumn: true, out Vector256<float> column0, out Vector256<float> column1, out Vector256<float> column2, out Vector256<float> column3);
        Vector256.MultiplyAddEstimate(column0, constants, offsets).Store(panel);
        Vector256.MultiplyAddEstimate(column1, constants, offsets).Store(panel + RowLaneBlock.PanelRows);
        Vector256.MultiplyAddEstimate(column2, constants, offsets).Store(panel + (2 * RowLaneBlock.PanelRows));
        Vector256.MultiplyAddEstimate(column3, constants, offsets).Store(panel + (3 * RowLaneBlock.PanelRows));
    }
}
