using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KBitQuant.Packing;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>
/// Few input rows with AVX-512: codes go straight into the multiply-adds of all of them, two row groups at a time. A broadcast input meets a
/// column of both, and there are 16 sums: more than the latency of a multiply-add times its rate. A panel in the cache pays from more rows on.
/// </summary>
internal static unsafe class RowLaneBatch512<TWidth, TTable>
    where TWidth : struct, ICodeWidth
    where TTable : struct, IQuadTable512<TTable>
{
    private const int Lanes = RowLaneLayout.Lanes;
    private const int PanelRows = RowLaneBlock.PanelRows;
    private const int PrefetchDistance = 2048;
    private const int TallQuad = 8 * RowLaneLayout.QuadColumns;
    private const int ShortQuad = PanelBlocking.ShortRows * RowLaneLayout.QuadColumns;

    /// <summary>The product of two row groups with a tile of 8 input rows.</summary>
    /// <param name="block">The groups' block.</param>
    /// <param name="group">The first of them.</param>
    /// <param name="x">[columns][8].</param>
    /// <param name="y">[8][32]: receives the outputs.</param>
    public static void Multiply8(in RowLaneBlock block, int group, float* x, float* y)
    {
        byte* codesA = block.Codes + block.GroupBytes(group), codesB = block.Codes + block.GroupBytes(group + 1);
        long segmentA = block.GroupConstants(group), segmentB = block.GroupConstants(group + 1);
        TTable table = TTable.Of(block);
        // Sums of input rows 0 to 7 with either group.
        Vector512<float> a0 = Vector512<float>.Zero, a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0;
        Vector512<float> b0 = a0, b1 = a0, b2 = a0, b3 = a0, b4 = a0, b5 = a0, b6 = a0, b7 = a0;
        for (int left = block.Segments; left > 0; left--, segmentA += Lanes, segmentB += Lanes)
        {
            Constants(table, block, segmentA, out Vector512<float> constantsA, out Vector512<float> offsetsA);
            Constants(table, block, segmentB, out Vector512<float> constantsB, out Vector512<float> offsetsB);
            for (int unit = block.UnitsPerSegment; unit > 0; unit--, codesA += RowLaneLayout.UnitBytes(TWidth.Bits), codesB += RowLaneLayout.UnitBytes(TWidth.Bits))
            {
                CodePlanes512<TWidth>.Prefetch(codesA, PrefetchDistance);
                CodePlanes512<TWidth>.Prefetch(codesB, PrefetchDistance);
                for (int half = 0; half < 2; half++, x += CodePlanes512<TWidth>.HalfQuads * TallQuad)
                {
                    AddTall(table, CodePlanes512<TWidth>.Quad(codesA, half, 0), CodePlanes512<TWidth>.Quad(codesB, half, 0), constantsA, constantsB, offsetsA, offsetsB, x,
                        ref a0, ref a1, ref a2, ref a3, ref a4, ref a5, ref a6, ref a7,
                        ref b0, ref b1, ref b2, ref b3, ref b4, ref b5, ref b6, ref b7);
                    AddTall(table, CodePlanes512<TWidth>.Quad(codesA, half, 1), CodePlanes512<TWidth>.Quad(codesB, half, 1), constantsA, constantsB, offsetsA, offsetsB, x + TallQuad,
                        ref a0, ref a1, ref a2, ref a3, ref a4, ref a5, ref a6, ref a7,
                        ref b0, ref b1, ref b2, ref b3, ref b4, ref b5, ref b6, ref b7);
                    AddTall(table, CodePlanes512<TWidth>.Quad(codesA, half, 2), CodePlanes512<TWidth>.Quad(codesB, half, 2), constantsA, constantsB, offsetsA, offsetsB, x + (2 * TallQuad),
                        ref a0, ref a1, ref a2, ref a3, ref a4, ref a5, ref a6, ref a7,
                        ref b0, ref b1, ref b2, ref b3, ref b4, ref b5, ref b6, ref b7);
                    AddTall(table, CodePlanes512<TWidth>.Quad(codesA, half, 3), CodePlanes512<TWidth>.Quad(codesB, half, 3), constantsA, constantsB, offsetsA, offsetsB, x + (3 * TallQuad),
                        ref a0, ref a1, ref a2, ref a3, ref a4, ref a5, ref a6, ref a7,
                        ref b0, ref b1, ref b2, ref b3, ref b4, ref b5, ref b6, ref b7);
                }
            }
        }

        Store4(y, a0, a1, a2, a3);
        Store4(y + (4 * PanelRows), a4, a5, a6, a7);
        Store4(y + Lanes, b0, b1, b2, b3);
        Store4(y + (4 * PanelRows) + Lanes, b4, b5, b6, b7);
    }

    /// <summary>The same for 4 input rows.</summary>
    public static void Multiply4(in RowLaneBlock block, int group, float* x, float* y)
    {
        byte* codesA = block.Codes + block.GroupBytes(group), codesB = block.Codes + block.GroupBytes(group + 1);
        long segmentA = block.GroupConstants(group), segmentB = block.GroupConstants(group + 1);
        TTable table = TTable.Of(block);
        // Two sums for each input row with either group: 0 to 3 of even columns, 4 to 7 of odd ones.
        Vector512<float> a0 = Vector512<float>.Zero, a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0;
        Vector512<float> b0 = a0, b1 = a0, b2 = a0, b3 = a0, b4 = a0, b5 = a0, b6 = a0, b7 = a0;
        for (int left = block.Segments; left > 0; left--, segmentA += Lanes, segmentB += Lanes)
        {
            Constants(table, block, segmentA, out Vector512<float> constantsA, out Vector512<float> offsetsA);
            Constants(table, block, segmentB, out Vector512<float> constantsB, out Vector512<float> offsetsB);
            for (int unit = block.UnitsPerSegment; unit > 0; unit--, codesA += RowLaneLayout.UnitBytes(TWidth.Bits), codesB += RowLaneLayout.UnitBytes(TWidth.Bits))
            {
                CodePlanes512<TWidth>.Prefetch(codesA, PrefetchDistance);
                CodePlanes512<TWidth>.Prefetch(codesB, PrefetchDistance);
                for (int half = 0; half < 2; half++, x += CodePlanes512<TWidth>.HalfQuads * ShortQuad)
                {
                    AddShort(table, CodePlanes512<TWidth>.Quad(codesA, half, 0), CodePlanes512<TWidth>.Quad(codesB, half, 0), constantsA, constantsB, offsetsA, offsetsB, x,
                        ref a0, ref a1, ref a2, ref a3, ref a4, ref a5, ref a6, ref a7,
                        ref b0, ref b1, ref b2, ref b3, ref b4, ref b5, ref b6, ref b7);
                    AddShort(table, CodePlanes512<TWidth>.Quad(codesA, half, 1), CodePlanes512<TWidth>.Quad(codesB, half, 1), constantsA, constantsB, offsetsA, offsetsB, x + ShortQuad,
                        ref a0, ref a1, ref a2, ref a3, ref a4, ref a5, ref a6, ref a7,
                        ref b0, ref b1, ref b2, ref b3, ref b4, ref b5, ref b6, ref b7);
                    AddShort(table, CodePlanes512<TWidth>.Quad(codesA, half, 2), CodePlanes512<TWidth>.Quad(codesB, half, 2), constantsA, constantsB, offsetsA, offsetsB, x + (2 * ShortQuad),
                        ref a0, ref a1, ref a2, ref a3, ref a4, ref a5, ref a6, ref a7,
                        ref b0, ref b1, ref b2, ref b3, ref b4, ref b5, ref b6, ref b7);
                    AddShort(table, CodePlanes512<TWidth>.Quad(codesA, half, 3), CodePlanes512<TWidth>.Quad(codesB, half, 3), constantsA, constantsB, offsetsA, offsetsB, x + (3 * ShortQuad),
                        ref a0, ref a1, ref a2, ref a3, ref a4, ref a5, ref a6, ref a7,
                        ref b0, ref b1, ref b2, ref b3, ref b4, ref b5, ref b6, ref b7);
                }
            }
        }

        Store4(y, a0 + a4, a1 + a5, a2 + a6, a3 + a7);
        Store4(y + Lanes, b0 + b4, b1 + b5, b2 + b6, b3 + b7);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddTall(in TTable table, Vector512<uint> quadA, Vector512<uint> quadB, Vector512<float> constantsA, Vector512<float> constantsB, Vector512<float> offsetsA, Vector512<float> offsetsB, float* x,
        ref Vector512<float> a0, ref Vector512<float> a1, ref Vector512<float> a2, ref Vector512<float> a3, ref Vector512<float> a4, ref Vector512<float> a5, ref Vector512<float> a6, ref Vector512<float> a7,
        ref Vector512<float> b0, ref Vector512<float> b1, ref Vector512<float> b2, ref Vector512<float> b3, ref Vector512<float> b4, ref Vector512<float> b5, ref Vector512<float> b6, ref Vector512<float> b7)
    {
        table.Columns(quadA.AsByte(), out Vector512<float> columnA0, out Vector512<float> columnA1, out Vector512<float> columnA2, out Vector512<float> columnA3);
        table.Columns(quadB.AsByte(), out Vector512<float> columnB0, out Vector512<float> columnB1, out Vector512<float> columnB2, out Vector512<float> columnB3);
        columnA0 = Avx512F.FusedMultiplyAdd(columnA0, constantsA, offsetsA);
        columnB0 = Avx512F.FusedMultiplyAdd(columnB0, constantsB, offsetsB);
        Add4(columnA0, columnB0, x, ref a0, ref a1, ref a2, ref a3, ref b0, ref b1, ref b2, ref b3);
        Add4(columnA0, columnB0, x + 4, ref a4, ref a5, ref a6, ref a7, ref b4, ref b5, ref b6, ref b7);
        columnA1 = Avx512F.FusedMultiplyAdd(columnA1, constantsA, offsetsA);
        columnB1 = Avx512F.FusedMultiplyAdd(columnB1, constantsB, offsetsB);
        Add4(columnA1, columnB1, x + 8, ref a0, ref a1, ref a2, ref a3, ref b0, ref b1, ref b2, ref b3);
        Add4(columnA1, columnB1, x + 12, ref a4, ref a5, ref a6, ref a7, ref b4, ref b5, ref b6, ref b7);
        columnA2 = Avx512F.FusedMultiplyAdd(columnA2, constantsA, offsetsA);
        columnB2 = Avx512F.FusedMultiplyAdd(columnB2, constantsB, offsetsB);
        Add4(columnA2, columnB2, x + 16, ref a0, ref a1, ref a2, ref a3, ref b0, ref b1, ref b2, ref b3);
        Add4(columnA2, columnB2, x + 20, ref a4, ref a5, ref a6, ref a7, ref b4, ref b5, ref b6, ref b7);
        columnA3 = Avx512F.FusedMultiplyAdd(columnA3, constantsA, offsetsA);
        columnB3 = Avx512F.FusedMultiplyAdd(columnB3, constantsB, offsetsB);
        Add4(columnA3, columnB3, x + 24, ref a0, ref a1, ref a2, ref a3, ref b0, ref b1, ref b2, ref b3);
        Add4(columnA3, columnB3, x + 28, ref a4, ref a5, ref a6, ref a7, ref b4, ref b5, ref b6, ref b7);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddShort(in TTable table, Vector512<uint> quadA, Vector512<uint> quadB, Vector512<float> constantsA, Vector512<float> constantsB, Vector512<float> offsetsA, Vector512<float> offsetsB, float* x,
        ref Vector512<float> a0, ref Vector512<float> a1, ref Vector512<float> a2, ref Vector512<float> a3, ref Vector512<float> a4, ref Vector512<float> a5, ref Vector512<float> a6, ref Vector512<float> a7,
        ref Vector512<float> b0, ref Vector512<float> b1, ref Vector512<float> b2, ref Vector512<float> b3, ref Vector512<float> b4, ref Vector512<float> b5, ref Vector512<float> b6, ref Vector512<float> b7)
    {
        table.Columns(quadA.AsByte(), out Vector512<float> columnA0, out Vector512<float> columnA1, out Vector512<float> columnA2, out Vector512<float> columnA3);
        table.Columns(quadB.AsByte(), out Vector512<float> columnB0, out Vector512<float> columnB1, out Vector512<float> columnB2, out Vector512<float> columnB3);
        Add4(Avx512F.FusedMultiplyAdd(columnA0, constantsA, offsetsA), Avx512F.FusedMultiplyAdd(columnB0, constantsB, offsetsB), x, ref a0, ref a1, ref a2, ref a3, ref b0, ref b1, ref b2, ref b3);
        Add4(Avx512F.FusedMultiplyAdd(columnA1, constantsA, offsetsA), Avx512F.FusedMultiplyAdd(columnB1, constantsB, offsetsB), x + 4, ref a4, ref a5, ref a6, ref a7, ref b4, ref b5, ref b6, ref b7);
        Add4(Avx512F.FusedMultiplyAdd(columnA2, constantsA, offsetsA), Avx512F.FusedMultiplyAdd(columnB2, constantsB, offsetsB), x + 8, ref a0, ref a1, ref a2, ref a3, ref b0, ref b1, ref b2, ref b3);
        Add4(Avx512F.FusedMultiplyAdd(columnA3, constantsA, offsetsA), Avx512F.FusedMultiplyAdd(columnB3, constantsB, offsetsB), x + 12, ref a4, ref a5, ref a6, ref a7, ref b4, ref b5, ref b6, ref b7);
    }

    /// <summary>A column of each group times four inputs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add4(Vector512<float> columnA, Vector512<float> columnB, float* x,
        ref Vector512<float> a0, ref Vector512<float> a1, ref Vector512<float> a2, ref Vector512<float> a3, ref Vector512<float> b0, ref Vector512<float> b1, ref Vector512<float> b2, ref Vector512<float> b3)
    {
        Vector512<float> input = Vector512.Create(x[0]);
        a0 = Avx512F.FusedMultiplyAdd(columnA, input, a0);
        b0 = Avx512F.FusedMultiplyAdd(columnB, input, b0);
        input = Vector512.Create(x[1]);
        a1 = Avx512F.FusedMultiplyAdd(columnA, input, a1);
        b1 = Avx512F.FusedMultiplyAdd(columnB, input, b1);
        input = Vector512.Create(x[2]);
        a2 = Avx512F.FusedMultiplyAdd(columnA, input, a2);
        b2 = Avx512F.FusedMultiplyAdd(columnB, input, b2);
        input = Vector512.Create(x[3]);
        a3 = Avx512F.FusedMultiplyAdd(columnA, input, a3);
        b3 = Avx512F.FusedMultiplyAdd(columnB, input, b3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Constants(in TTable table, in RowLaneBlock block, long segment, out Vector512<float> constants, out Vector512<float> offsets)
    {
        constants = table.Scale(Avx512F.LoadVector512(block.Constants + segment));
        offsets = block.Offsets is null ? Vector512<float>.Zero : Avx512F.LoadVector512(block.Offsets + segment);
    }

    private static void Store4(float* y, Vector512<float> row0, Vector512<float> row1, Vector512<float> row2, Vector512<float> row3)
    {
        row0.Store(y);
        row1.Store(y + PanelRows);
        row2.Store(y + (2 * PanelRows));
        row3.Store(y + (3 * PanelRows));
    }
}
