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
    where TLookup : struct, IQuadLookup256
{
    private const int Lanes = RowLaneLayout.Lanes;
    private const int HalfLanes = Lanes / 2;
    private const int HalfBytes = HalfLanes * sizeof(uint);
    private const int Groups = 4;
    private const int Halves = 2;

    public static void Gemv(in RowLaneBlock block, float* x, float* y)
    {
        for (int group = 0; group < Groups; group++)
        {
            for (int half = 0; half < Halves; half++)
                GemvHalf(block, group, half, x, y + (group * Lanes) + (half * HalfLanes));
        }
    }

    public static void DecodePanel(in RowLaneBlock block, int group, int firstUnit, int unitCount, float* panel)
    {
        for (int half = 0; half < Halves; half++)
            DecodeHalf(block, group, half, firstUnit, unitCount, panel + (half * HalfLanes));
    }

    private static void GemvHalf(in RowLaneBlock block, int group, int half, float* x, float* y)
    {
        byte* scratch = stackalloc byte[Vector256<byte>.Count];
        byte* codes = block.Codes + block.GroupBytes(group) + (half * HalfBytes);
        long lane = block.GroupConstants(group) + (half * HalfLanes);
        Vector256<float> sum = Vector256.Load(y);
        for (int segment = 0; segment < block.Segments; segment++, lane += Lanes)
        {
            // A sum for each column of the quads: a multiply-add need not wait for the one before.
            Vector256<float> part0 = Vector256<float>.Zero, part1 = part0, part2 = part0, part3 = part0;
            for (int unit = 0; unit < block.UnitsPerSegment; unit++, codes += RowLaneLayout.UnitBytes(TWidth.Bits))
            {
                Vector256<uint> low = default, middle = default, high = default;
                for (int quad = 0; quad < RowLaneLayout.UnitQuads; quad++, x += RowLaneLayout.QuadColumns)
                {
                    CodePlanes256<TWidth>.ToQuad(codes, quad, ref low, ref middle, ref high);
                    TLookup.Levels(block, CodePlanes256<TWidth>.QuadCodes(low, middle, high), scratch, out Vector256<float> column0, out Vector256<float> column1, out Vector256<float> column2, out Vector256<float> column3);
                    part0 = Vector256.MultiplyAddEstimate(column0, Vector256.Create(x[0]), part0);
                    part1 = Vector256.MultiplyAddEstimate(column1, Vector256.Create(x[1]), part1);
                    part2 = Vector256.MultiplyAddEstimate(column2, Vector256.Create(x[2]), part2);
                    part3 = Vector256.MultiplyAddEstimate(column3, Vector256.Create(x[3]), part3);
                }
            }

            sum = Vector256.MultiplyAddEstimate((part0 + part1) + (part2 + part3), TLookup.Scale(block, Vector256.Load(block.Constants + lane)), sum);
        }

        sum.Store(y);
    }

    private static void DecodeHalf(in RowLaneBlock block, int group, int half, int firstUnit, int unitCount, float* panel)
    {
        byte* scratch = stackalloc byte[Vector256<byte>.Count];
        byte* codes = block.Codes + block.GroupBytes(group) + ((long)firstUnit * RowLaneLayout.UnitBytes(TWidth.Bits)) + (half * HalfBytes);
        for (int unit = firstUnit; unit < firstUnit + unitCount; unit++, codes += RowLaneLayout.UnitBytes(TWidth.Bits))
        {
            long lane = block.GroupConstants(group) + ((long)(unit / block.UnitsPerSegment) * Lanes) + (half * HalfLanes);
            Vector256<float> constants = Vector256.Load(block.Constants + lane);
            Vector256<float> offsets = block.Offsets is null ? Vector256<float>.Zero : Vector256.Load(block.Offsets + lane);
            Vector256<uint> low = default, middle = default, high = default;
            for (int quad = 0; quad < RowLaneLayout.UnitQuads; quad++, panel += RowLaneLayout.QuadColumns * RowLaneBlock.PanelRows)
            {
                CodePlanes256<TWidth>.ToQuad(codes, quad, ref low, ref middle, ref high);
                TLookup.Levels(block, CodePlanes256<TWidth>.QuadCodes(low, middle, high), scratch, out Vector256<float> column0, out Vector256<float> column1, out Vector256<float> column2, out Vector256<float> column3);
                Decode(block, column0, constants, offsets).Store(panel);
                Decode(block, column1, constants, offsets).Store(panel + RowLaneBlock.PanelRows);
                Decode(block, column2, constants, offsets).Store(panel + (2 * RowLaneBlock.PanelRows));
                Decode(block, column3, constants, offsets).Store(panel + (3 * RowLaneBlock.PanelRows));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Decode(in RowLaneBlock block, Vector256<float> levels, Vector256<float> constants, Vector256<float> offsets) =>
        Vector256.MultiplyAddEstimate(TLookup.Entries(block, levels), constants, offsets);
}
