using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KBitQuant.Packing;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>Exact products from <see cref="RowLaneLayout"/> with AVX-512: a vector is one column of 16 rows.</summary>
/// <typeparam name="TPlanes">The planes as one input row goes through them.</typeparam>
/// <typeparam name="TProduct">What it does with their quads.</typeparam>
/// <typeparam name="TWidth">The planes as panels are decoded from them.</typeparam>
/// <typeparam name="TTable">The table by which they are.</typeparam>
internal sealed unsafe class RowLaneAvx512<TPlanes, TProduct, TWidth, TTable> : IRowLaneOperations
    where TPlanes : struct, ICodeWidth
    where TProduct : struct, IQuadProduct512<TProduct>
    where TWidth : struct, ICodeWidth
    where TTable : struct, IQuadTable512<TTable>
{
    private const int Lanes = RowLaneLayout.Lanes;

    public static void Gemv(in RowLaneBlock block, float* x, float* y)
    {
        byte* codes0 = block.Codes;
        byte* codes1 = codes0 + block.GroupBytes(1);
        byte* codes2 = codes0 + block.GroupBytes(2);
        byte* codes3 = codes0 + block.GroupBytes(3);
        float* constants0 = block.Constants;
        float* constants1 = constants0 + block.GroupConstants(1);
        float* constants2 = constants0 + block.GroupConstants(2);
        float* constants3 = constants0 + block.GroupConstants(3);
        TProduct product = TProduct.Of(block);
        Vector512<float> sum0 = Avx512F.LoadVector512(y), sum1 = Avx512F.LoadVector512(y + Lanes);
        Vector512<float> sum2 = Avx512F.LoadVector512(y + (2 * Lanes)), sum3 = Avx512F.LoadVector512(y + (3 * Lanes));
        for (int segment = block.Segments; segment > 0; segment--)
        {
            // Products without the constant; it is applied once a segment.
            Vector512<float> part0 = Vector512<float>.Zero, part1 = part0, part2 = part0, part3 = part0;
            for (int unit = block.UnitsPerSegment; unit > 0; unit--)
            {
                Vector512<uint> low0 = default, low1 = default, low2 = default, low3 = default;
                Vector512<uint> mid0 = default, mid1 = default, mid2 = default, mid3 = default;
                Vector512<uint> top0 = default, top1 = default, top2 = default, top3 = default;
                for (int quad = 0; quad < RowLaneLayout.UnitColumns / TProduct.Inputs; quad++, x += TProduct.Inputs)
                {
                    CodePlanes512<TPlanes>.ToQuad(codes0, quad, ref low0, ref mid0, ref top0);
                    CodePlanes512<TPlanes>.ToQuad(codes1, quad, ref low1, ref mid1, ref top1);
                    CodePlanes512<TPlanes>.ToQuad(codes2, quad, ref low2, ref mid2, ref top2);
                    CodePlanes512<TPlanes>.ToQuad(codes3, quad, ref low3, ref mid3, ref top3);
                    CodePlanes512<TPlanes>.Prefetch(codes0, codes1, codes2, codes3, quad);
                    product.Add(
                        CodePlanes512<TPlanes>.Join(low0, mid0, top0), CodePlanes512<TPlanes>.Join(low1, mid1, top1),
                        CodePlanes512<TPlanes>.Join(low2, mid2, top2), CodePlanes512<TPlanes>.Join(low3, mid3, top3),
                        x, ref part0, ref part1, ref part2, ref part3);
                }

                codes0 += RowLaneLayout.UnitBytes(TPlanes.Bits);
                codes1 += RowLaneLayout.UnitBytes(TPlanes.Bits);
                codes2 += RowLaneLayout.UnitBytes(TPlanes.Bits);
                codes3 += RowLaneLayout.UnitBytes(TPlanes.Bits);
            }

            sum0 = Avx512F.FusedMultiplyAdd(part0, Avx512F.LoadVector512(constants0), sum0);
            sum1 = Avx512F.FusedMultiplyAdd(part1, Avx512F.LoadVector512(constants1), sum1);
            sum2 = Avx512F.FusedMultiplyAdd(part2, Avx512F.LoadVector512(constants2), sum2);
            sum3 = Avx512F.FusedMultiplyAdd(part3, Avx512F.LoadVector512(constants3), sum3);
            constants0 += Lanes;
            constants1 += Lanes;
            constants2 += Lanes;
            constants3 += Lanes;
        }

        sum0.Store(y);
        sum1.Store(y + Lanes);
        sum2.Store(y + (2 * Lanes));
        sum3.Store(y + (3 * Lanes));
    }

    public static void DecodePanel(in RowLaneBlock block, int group, int firstUnit, int unitCount, float* panel)
    {
        byte* codes = block.Codes + block.GroupBytes(group) + ((long)firstUnit * RowLaneLayout.UnitBytes(TWidth.Bits));
        TTable table = TTable.Of(block);
        // The next slice: it arrives while this one is multiplied.
        long ahead = (long)unitCount * RowLaneLayout.UnitBytes(TWidth.Bits);
        for (int unit = firstUnit; unit < firstUnit + unitCount; unit++, codes += RowLaneLayout.UnitBytes(TWidth.Bits))
        {
            long segment = block.GroupConstants(group) + ((long)(unit / block.UnitsPerSegment) * Lanes);
            Vector512<float> constants = Avx512F.LoadVector512(block.Constants + segment);
            Vector512<float> offsets = block.Offsets is null ? Vector512<float>.Zero : Avx512F.LoadVector512(block.Offsets + segment);
            Vector512<uint> low = default, mid = default, top = default;
            for (int quad = 0; quad < RowLaneLayout.UnitQuads; quad++, panel += RowLaneLayout.QuadColumns * RowLaneBlock.PanelRows)
            {
                CodePlanes512<TWidth>.ToQuad(codes, quad, ref low, ref mid, ref top);
                CodePlanes512<TWidth>.Prefetch(codes, quad, ahead);
                table.Columns(CodePlanes512<TWidth>.Join(low, mid, top).AsByte(), out Vector512<float> column0, out Vector512<float> column1, out Vector512<float> column2, out Vector512<float> column3);
                Avx512F.FusedMultiplyAdd(column0, constants, offsets).Store(panel);
                Avx512F.FusedMultiplyAdd(column1, constants, offsets).Store(panel + RowLaneBlock.PanelRows);
                Avx512F.FusedMultiplyAdd(column2, constants, offsets).Store(panel + (2 * RowLaneBlock.PanelRows));
                Avx512F.FusedMultiplyAdd(column3, constants, offsets).Store(panel + (3 * RowLaneBlock.PanelRows));
            }
        }
    }
}
