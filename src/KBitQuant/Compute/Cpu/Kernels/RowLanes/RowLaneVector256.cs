using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using KBitQuant.Packing;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>
/// Exact products from <see cref="RowLaneLayout"/> on vectors of 8 lanes, a row group as two halves, for any processor: tables are looked up
/// a lane at a time.
/// </summary>
internal sealed unsafe class RowLaneVector256<TWidth> : IRowLaneOperations
    where TWidth : struct, ICodeWidth
{
    private const int Lanes = RowLaneLayout.Lanes;
    private const int HalfLanes = Lanes / 2;
    private const int Groups = 4;
    private const int Halves = 2;

    /// <summary>The bits of a code: those above it are another's.</summary>
    private static Vector256<uint> CodeMask => Vector256.Create((1u << TWidth.Bits) - 1);

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
        byte* codes = block.Codes + block.GroupBytes(group) + (half * HalfLanes * sizeof(uint));
        long lane = block.GroupConstants(group) + (half * HalfLanes);
        Vector256<float> sum = Vector256.Load(y);
        for (int segment = 0; segment < block.Segments; segment++, lane += Lanes)
        {
            // Two sums take turns: a multiply-add need not wait for the one before.
            Vector256<float> even = Vector256<float>.Zero, odd = even;
            for (int unit = 0; unit < block.UnitsPerSegment; unit++, codes += RowLaneLayout.UnitBytes(TWidth.Bits))
            {
                Vector256<uint> low = default, middle = default, high = default;
                for (int quad = 0; quad < RowLaneLayout.UnitQuads; quad++)
                {
                    CodePlanes256<TWidth>.ToQuad(codes, quad, ref low, ref middle, ref high);
                    for (int column = 0; column < RowLaneLayout.QuadColumns; column += 2, x += 2)
                    {
                        even = Vector256.MultiplyAddEstimate(Next(block.Table, ref low, ref middle, ref high), Vector256.Create(x[0]), even);
                        odd = Vector256.MultiplyAddEstimate(Next(block.Table, ref low, ref middle, ref high), Vector256.Create(x[1]), odd);
                    }
                }
            }

            sum = Vector256.MultiplyAddEstimate(even + odd, Vector256.Load(block.Constants + lane), sum);
        }

        sum.Store(y);
    }

    private static void DecodeHalf(in RowLaneBlock block, int group, int half, int firstUnit, int unitCount, float* panel)
    {
        byte* codes = block.Codes + block.GroupBytes(group) + ((long)firstUnit * RowLaneLayout.UnitBytes(TWidth.Bits)) + (half * HalfLanes * sizeof(uint));
        for (int unit = firstUnit; unit < firstUnit + unitCount; unit++, codes += RowLaneLayout.UnitBytes(TWidth.Bits))
        {
            long lane = block.GroupConstants(group) + ((long)(unit / block.UnitsPerSegment) * Lanes) + (half * HalfLanes);
            Vector256<float> constants = Vector256.Load(block.Constants + lane);
            Vector256<float> offsets = block.Offsets is null ? Vector256<float>.Zero : Vector256.Load(block.Offsets + lane);
            Vector256<uint> low = default, middle = default, high = default;
            for (int quad = 0; quad < RowLaneLayout.UnitQuads; quad++)
            {
                CodePlanes256<TWidth>.ToQuad(codes, quad, ref low, ref middle, ref high);
                for (int column = 0; column < RowLaneLayout.QuadColumns; column++, panel += RowLaneBlock.PanelRows)
                    Vector256.MultiplyAddEstimate(Next(block.Table, ref low, ref middle, ref high), constants, offsets).Store(panel);
            }
        }
    }

    /// <summary>The entries of the current column, and on to the next one of the quad.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Next(float* table, ref Vector256<uint> low, ref Vector256<uint> middle, ref Vector256<uint> high)
    {
        Vector256<uint> code = low;
        low = CodePlanes256<TWidth>.Rotate(low, 8);
        if (TWidth.MiddleBits > 0)
        {
            Vector256<uint> upper = middle;
            middle = CodePlanes256<TWidth>.Rotate(middle, 8);
            if (TWidth.HasHighPlane)
            {
                upper = Vector256.ConditionalSelect(Vector256.Create(0x3Fu), upper, high);
                high = CodePlanes256<TWidth>.Rotate(high, 8);
            }

            code = Vector256.ConditionalSelect(Vector256.Create((1u << TWidth.LowBits) - 1), code, upper);
        }

        return Entry(table, code.AsInt32());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Entry(float* table, Vector256<int> code)
    {
        Vector256<int> index = code & CodeMask.AsInt32();
        return Vector256.Create(
            table[index[0]], table[index[1]], table[index[2]], table[index[3]], table[index[4]], table[index[5]], table[index[6]], table[index[7]]);
    }
}
