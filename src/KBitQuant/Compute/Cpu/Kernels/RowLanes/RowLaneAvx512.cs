using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KBitQuant.Packing;
using KBitQuant.Quantization;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>
/// Exact products from <see cref="RowLaneLayout"/> with AVX-512: a vector is one column of 16 rows. Tables of up to 16 entries are looked
/// up in one register, larger ones in several.
/// </summary>
internal sealed unsafe class RowLaneAvx512<TWidth> : IRowLaneOperations
    where TWidth : struct, ICodeWidth
{
    private const int Lanes = RowLaneLayout.Lanes;

    public static void Gemv(in RowLaneBlock block, float* x, float* blockSums, float* y)
    {
        byte* codes0 = block.Codes;
        byte* codes1 = codes0 + block.GroupBytes(1);
        byte* codes2 = codes0 + block.GroupBytes(2);
        byte* codes3 = codes0 + block.GroupBytes(3);
        Vector512<float> sum0 = Vector512<float>.Zero, sum1 = sum0, sum2 = sum0, sum3 = sum0;
        Vector512<float> entries = Avx512F.LoadVector512(block.Table);
        float* table = block.Table;
        for (int segment = 0; segment < block.Segments; segment++)
        {
            // Products without the constant; it is applied once a segment.
            Vector512<float> part0 = Vector512<float>.Zero, part1 = part0, part2 = part0, part3 = part0;
            for (int unit = 0; unit < block.UnitsPerSegment; unit++)
            {
                Vector512<uint> low0 = default, low1 = default, low2 = default, low3 = default;
                Vector512<uint> mid0 = default, mid1 = default, mid2 = default, mid3 = default;
                Vector512<uint> top0 = default, top1 = default, top2 = default, top3 = default;
                for (int quad = 0; quad < RowLaneLayout.UnitQuads; quad++)
                {
                    CodePlanes512<TWidth>.ToQuad(codes0, quad, ref low0, ref mid0, ref top0);
                    CodePlanes512<TWidth>.ToQuad(codes1, quad, ref low1, ref mid1, ref top1);
                    CodePlanes512<TWidth>.ToQuad(codes2, quad, ref low2, ref mid2, ref top2);
                    CodePlanes512<TWidth>.ToQuad(codes3, quad, ref low3, ref mid3, ref top3);
                    CodePlanes512<TWidth>.Prefetch(codes0, codes1, codes2, codes3, quad);
                    for (int column = 0; column < RowLaneLayout.QuadColumns; column += 2, x += 2)
                    {
                        Vector512<float> input = Vector512.Create(x[0]);
                        part0 = Avx512F.FusedMultiplyAdd(Entry(table, entries, Next(ref low0, ref mid0, ref top0)), input, part0);
                        part1 = Avx512F.FusedMultiplyAdd(Entry(table, entries, Next(ref low1, ref mid1, ref top1)), input, part1);
                        part2 = Avx512F.FusedMultiplyAdd(Entry(table, entries, Next(ref low2, ref mid2, ref top2)), input, part2);
                        part3 = Avx512F.FusedMultiplyAdd(Entry(table, entries, Next(ref low3, ref mid3, ref top3)), input, part3);
                        input = Vector512.Create(x[1]);
                        part0 = Avx512F.FusedMultiplyAdd(Entry(table, entries, Next(ref low0, ref mid0, ref top0)), input, part0);
                        part1 = Avx512F.FusedMultiplyAdd(Entry(table, entries, Next(ref low1, ref mid1, ref top1)), input, part1);
                        part2 = Avx512F.FusedMultiplyAdd(Entry(table, entries, Next(ref low2, ref mid2, ref top2)), input, part2);
                        part3 = Avx512F.FusedMultiplyAdd(Entry(table, entries, Next(ref low3, ref mid3, ref top3)), input, part3);
                    }
                }

                codes0 += RowLaneLayout.UnitBytes(TWidth.Bits);
                codes1 += RowLaneLayout.UnitBytes(TWidth.Bits);
                codes2 += RowLaneLayout.UnitBytes(TWidth.Bits);
                codes3 += RowLaneLayout.UnitBytes(TWidth.Bits);
            }

            sum0 = SegmentSums512.Add(block, 0, segment, part0, blockSums, sum0);
            sum1 = SegmentSums512.Add(block, 1, segment, part1, blockSums, sum1);
            sum2 = SegmentSums512.Add(block, 2, segment, part2, blockSums, sum2);
            sum3 = SegmentSums512.Add(block, 3, segment, part3, blockSums, sum3);
        }

        sum0.Store(y);
        sum1.Store(y + Lanes);
        sum2.Store(y + (2 * Lanes));
        sum3.Store(y + (3 * Lanes));
    }

    public static void DecodePanel(in RowLaneBlock block, int group, int firstUnit, int unitCount, float* panel)
    {
        byte* codes = block.Codes + block.GroupBytes(group) + ((long)firstUnit * RowLaneLayout.UnitBytes(TWidth.Bits));
        Vector512<float> entries = Avx512F.LoadVector512(block.Table);
        float* table = block.Table;
        // The next slice: it arrives while this one is multiplied.
        long ahead = (long)unitCount * RowLaneLayout.UnitBytes(TWidth.Bits);
        for (int unit = firstUnit; unit < firstUnit + unitCount; unit++, codes += RowLaneLayout.UnitBytes(TWidth.Bits))
        {
            long segment = block.GroupConstants(group) + ((long)(unit / block.UnitsPerSegment) * Lanes);
            Vector512<float> constants = Avx512F.LoadVector512(block.Constants + segment);
            Vector512<float> offsets = block.Offsets is null ? Vector512<float>.Zero : Avx512F.LoadVector512(block.Offsets + segment);
            Vector512<uint> low = default, mid = default, top = default;
            for (int quad = 0; quad < RowLaneLayout.UnitQuads; quad++)
            {
                CodePlanes512<TWidth>.ToQuad(codes, quad, ref low, ref mid, ref top);
                CodePlanes512<TWidth>.Prefetch(codes, quad, ahead);
                for (int column = 0; column < RowLaneLayout.QuadColumns; column++, panel += RowLaneBlock.PanelRows)
                    Avx512F.FusedMultiplyAdd(Entry(table, entries, Next(ref low, ref mid, ref top)), constants, offsets).Store(panel);
            }
        }
    }

    /// <summary>The codes of the current column, with other bits above them, and on to the next column of the quad. Permutations do not
    /// look at the bits above, and tables shorter than 16 entries are repeated. One ternary-logic operation joins two planes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Next(ref Vector512<uint> low, ref Vector512<uint> mid, ref Vector512<uint> top)
    {
        Vector512<uint> code = low;
        low = Avx512F.RotateRight(low, 8);
        if (TWidth.MiddleBits > 0)
        {
            Vector512<uint> upper = mid;
            mid = Avx512F.RotateRight(mid, 8);
            if (TWidth.HasHighPlane)
            {
                upper = Vector512.ConditionalSelect(Vector512.Create(0x3Fu), upper, top);
                top = Avx512F.RotateRight(top, 8);
            }

            code = Vector512.ConditionalSelect(Vector512.Create((1u << TWidth.LowBits) - 1), code, upper);
        }

        return code.AsInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Entry(float* table, Vector512<float> entries, Vector512<int> code) => TWidth.Bits switch
    {
        <= 4 => Avx512F.PermuteVar16x32(entries, code),
        5 => RegisterTable.Lookup32(table, code),
        6 => RegisterTable.Lookup64(table, code),
        7 => RegisterTable.Lookup128(table, code),
        _ => RegisterTable.Lookup256(table, code),
    };
}
