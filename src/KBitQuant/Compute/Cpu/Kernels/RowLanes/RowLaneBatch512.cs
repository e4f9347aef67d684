using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KBitQuant.Packing;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>Few input rows with AVX-512: codes go straight into the multiply-adds of all of them, a row group at a time. Entries are multiplied as
/// they are, the sums of a segment by its constant; offsets are left to the caller. A panel in the cache pays from more rows on.</summary>
internal static unsafe class RowLaneBatch512<TWidth, TTable>
    where TWidth : struct, ICodeWidth
    where TTable : struct, IQuadTable512<TTable>
{
    private const int Lanes = RowLaneLayout.Lanes;
    private const int PanelRows = RowLaneBlock.PanelRows;
    private const int PrefetchDistance = 2048;

    /// <summary>The product of a row group with a tile of 8 input rows.</summary>
    /// <param name="block">The group's block.</param>
    /// <param name="group">Which.</param>
    /// <param name="x">[columns][8].</param>
    /// <param name="y">Receives the 16 outputs of each input row, <see cref="RowLaneBlock.PanelRows"/> after those of the one before.</param>
    [MethodImpl(InnerLoop.Options)]
    public static void Multiply8(in RowLaneBlock block, int group, float* x, float* y)
    {
        byte* codes = block.Codes + block.GroupBytes(group);
        long segment = block.GroupConstants(group);
        TTable table = TTable.Of(block);
        Vector512<float> sum0 = Vector512<float>.Zero, sum1 = sum0, sum2 = sum0, sum3 = sum0, sum4 = sum0, sum5 = sum0, sum6 = sum0, sum7 = sum0;
        for (int left = block.Segments; left > 0; left--, segment += Lanes)
        {
            Vector512<float> part0 = Vector512<float>.Zero, part1 = part0, part2 = part0, part3 = part0, part4 = part0, part5 = part0, part6 = part0, part7 = part0;
            for (int unit = block.UnitsPerSegment; unit > 0; unit--, codes += RowLaneLayout.UnitBytes(TWidth.Bits))
            {
                CodePlanes512<TWidth>.Prefetch(codes, PrefetchDistance);
                for (int half = 0; half < 2; half++, x += 8 * CodePlanes512<TWidth>.HalfQuads * RowLaneLayout.QuadColumns)
                {
                    AddTall(table, CodePlanes512<TWidth>.Quad(codes, half, 0), x, ref part0, ref part1, ref part2, ref part3, ref part4, ref part5, ref part6, ref part7);
                    AddTall(table, CodePlanes512<TWidth>.Quad(codes, half, 1), x + 32, ref part0, ref part1, ref part2, ref part3, ref part4, ref part5, ref part6, ref part7);
                    AddTall(table, CodePlanes512<TWidth>.Quad(codes, half, 2), x + 64, ref part0, ref part1, ref part2, ref part3, ref part4, ref part5, ref part6, ref part7);
                    AddTall(table, CodePlanes512<TWidth>.Quad(codes, half, 3), x + 96, ref part0, ref part1, ref part2, ref part3, ref part4, ref part5, ref part6, ref part7);
                }
            }

            Vector512<float> constants = table.Scale(Avx512F.LoadVector512(block.Constants + segment));
            sum0 = Avx512F.FusedMultiplyAdd(part0, constants, sum0);
            sum1 = Avx512F.FusedMultiplyAdd(part1, constants, sum1);
            sum2 = Avx512F.FusedMultiplyAdd(part2, constants, sum2);
            sum3 = Avx512F.FusedMultiplyAdd(part3, constants, sum3);
            sum4 = Avx512F.FusedMultiplyAdd(part4, constants, sum4);
            sum5 = Avx512F.FusedMultiplyAdd(part5, constants, sum5);
            sum6 = Avx512F.FusedMultiplyAdd(part6, constants, sum6);
            sum7 = Avx512F.FusedMultiplyAdd(part7, constants, sum7);
        }

        Store4(y, sum0, sum1, sum2, sum3);
        Store4(y + (4 * PanelRows), sum4, sum5, sum6, sum7);
    }

    /// <summary>The same for 4 input rows, with two sums for each: a multiply-add need not wait for the one before.</summary>
    [MethodImpl(InnerLoop.Options)]
    public static void Multiply4(in RowLaneBlock block, int group, float* x, float* y)
    {
        byte* codes = block.Codes + block.GroupBytes(group);
        long segment = block.GroupConstants(group);
        TTable table = TTable.Of(block);
        Vector512<float> sum0 = Vector512<float>.Zero, sum1 = sum0, sum2 = sum0, sum3 = sum0;
        for (int left = block.Segments; left > 0; left--, segment += Lanes)
        {
            Vector512<float> even0 = Vector512<float>.Zero, even1 = even0, even2 = even0, even3 = even0, odd0 = even0, odd1 = even0, odd2 = even0, odd3 = even0;
            for (int unit = block.UnitsPerSegment; unit > 0; unit--, codes += RowLaneLayout.UnitBytes(TWidth.Bits))
            {
                CodePlanes512<TWidth>.Prefetch(codes, PrefetchDistance);
                for (int half = 0; half < 2; half++, x += 4 * CodePlanes512<TWidth>.HalfQuads * RowLaneLayout.QuadColumns)
                {
                    AddShort(table, CodePlanes512<TWidth>.Quad(codes, half, 0), x, ref even0, ref even1, ref even2, ref even3, ref odd0, ref odd1, ref odd2, ref odd3);
                    AddShort(table, CodePlanes512<TWidth>.Quad(codes, half, 1), x + 16, ref even0, ref even1, ref even2, ref even3, ref odd0, ref odd1, ref odd2, ref odd3);
                    AddShort(table, CodePlanes512<TWidth>.Quad(codes, half, 2), x + 32, ref even0, ref even1, ref even2, ref even3, ref odd0, ref odd1, ref odd2, ref odd3);
                    AddShort(table, CodePlanes512<TWidth>.Quad(codes, half, 3), x + 48, ref even0, ref even1, ref even2, ref even3, ref odd0, ref odd1, ref odd2, ref odd3);
                }
            }

            Vector512<float> constants = table.Scale(Avx512F.LoadVector512(block.Constants + segment));
            sum0 = Avx512F.FusedMultiplyAdd(even0 + odd0, constants, sum0);
            sum1 = Avx512F.FusedMultiplyAdd(even1 + odd1, constants, sum1);
            sum2 = Avx512F.FusedMultiplyAdd(even2 + odd2, constants, sum2);
            sum3 = Avx512F.FusedMultiplyAdd(even3 + odd3, constants, sum3);
        }

        Store4(y, sum0, sum1, sum2, sum3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddTall(in TTable table, Vector512<uint> quad, float* x,
        ref Vector512<float> sum0, ref Vector512<float> sum1, ref Vector512<float> sum2, ref Vector512<float> sum3, ref Vector512<float> sum4, ref Vector512<float> sum5, ref Vector512<float> sum6, ref Vector512<float> sum7)
    {
        table.Columns(quad.AsByte(), out Vector512<float> column0, out Vector512<float> column1, out Vector512<float> column2, out Vector512<float> column3);
        Add4(column0, x, ref sum0, ref sum1, ref sum2, ref sum3);
        Add4(column0, x + 4, ref sum4, ref sum5, ref sum6, ref sum7);
        Add4(column1, x + 8, ref sum0, ref sum1, ref sum2, ref sum3);
        Add4(column1, x + 12, ref sum4, ref sum5, ref sum6, ref sum7);
        Add4(column2, x + 16, ref sum0, ref sum1, ref sum2, ref sum3);
        Add4(column2, x + 20, ref sum4, ref sum5, ref sum6, ref sum7);
        Add4(column3, x + 24, ref sum0, ref sum1, ref sum2, ref sum3);
        Add4(column3, x + 28, ref sum4, ref sum5, ref sum6, ref sum7);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddShort(in TTable table, Vector512<uint> quad, float* x,
        ref Vector512<float> even0, ref Vector512<float> even1, ref Vector512<float> even2, ref Vector512<float> even3, ref Vector512<float> odd0, ref Vector512<float> odd1, ref Vector512<float> odd2, ref Vector512<float> odd3)
    {
        table.Columns(quad.AsByte(), out Vector512<float> column0, out Vector512<float> column1, out Vector512<float> column2, out Vector512<float> column3);
        Add4(column0, x, ref even0, ref even1, ref even2, ref even3);
        Add4(column1, x + 4, ref odd0, ref odd1, ref odd2, ref odd3);
        Add4(column2, x + 8, ref even0, ref even1, ref even2, ref even3);
        Add4(column3, x + 12, ref odd0, ref odd1, ref odd2, ref odd3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add4(Vector512<float> column, float* x, ref Vector512<float> sum0, ref Vector512<float> sum1, ref Vector512<float> sum2, ref Vector512<float> sum3)
    {
        sum0 = Avx512F.FusedMultiplyAdd(column, Vector512.Create(x[0]), sum0);
        sum1 = Avx512F.FusedMultiplyAdd(column, Vector512.Create(x[1]), sum1);
        sum2 = Avx512F.FusedMultiplyAdd(column, Vector512.Create(x[2]), sum2);
        sum3 = Avx512F.FusedMultiplyAdd(column, Vector512.Create(x[3]), sum3);
    }

    private static void Store4(float* y, Vector512<float> row0, Vector512<float> row1, Vector512<float> row2, Vector512<float> row3)
    {
        row0.Store(y);
        row1.Store(y + PanelRows);
        row2.Store(y + (2 * PanelRows));
        row3.Store(y + (3 * PanelRows));
    }
}
