using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KBitQuant.Packing;
using static KBitQuant.Compute.Cpu.Kernels.RowLanes.InputRows<KBitQuant.Compute.Cpu.Kernels.RowLanes.Floats16>;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>Few input rows with AVX-512: codes go straight into the multiply-adds of all of them, a row group at a time. Entries are multiplied as
/// they are, the sums of a segment by its constant; offsets are left to the caller. A panel in the cache pays from more rows on.</summary>
internal static unsafe class RowLaneBatch512<TWidth, TTable>
    where TWidth : struct, ICodeWidth
    where TTable : struct, IQuadTable512<TTable>
{
    private const int Lanes = RowLaneLayout.Lanes;
    private const int PanelRows = RowLaneBlock.PanelRows;
    private const int QuadColumns = RowLaneLayout.QuadColumns;
    private const int PrefetchDistance = 2048;
    private const int FewRows = 4;

    /// <summary>The product of a row group with a tile of 8 input rows.</summary>
    /// <param name="block">The group's block.</param>
    /// <param name="group">Which.</param>
    /// <param name="x">[columns][8].</param>
    /// <param name="y">Receives the 16 outputs of each input row, <see cref="RowLaneBlock.PanelRows"/> after those of the one before.</param>
    public static void Multiply8(in RowLaneBlock block, int group, float* x, float* y) => Multiply<Twice<Twice<Twice<One>>>>(block, group, x, y);

    /// <summary>The same for 4 input rows.</summary>
    public static void Multiply4(in RowLaneBlock block, int group, float* x, float* y) => Multiply<Twice<Twice<One>>>(block, group, x, y);

    [MethodImpl(InnerLoop.Options)]
    private static void Multiply<TRows>(in RowLaneBlock block, int group, float* x, float* y)
        where TRows : struct, IRows
    {
        byte* codes = block.Codes + block.GroupBytes(group);
        float* constants = block.Constants + block.GroupConstants(group);
        TTable table = TTable.Of(block);
        for (int row = 0; row < TRows.Count; row++)
            Vector512<float>.Zero.Store(y + (row * PanelRows));
        for (int segment = block.Segments; segment > 0; segment--, constants += Lanes)
        {
            // Even and odd columns apart where rows are few: a multiply-add need not wait for the one before.
            TRows even = default, odd = default;
            for (int unit = block.UnitsPerSegment; unit > 0; unit--, codes += RowLaneLayout.UnitBytes(TWidth.Bits))
            {
                CodePlanes512<TWidth>.Prefetch(codes, PrefetchDistance);
                for (int half = 0; half < 2; half++, x += TRows.Count * CodePlanes512<TWidth>.HalfQuads * QuadColumns)
                {
                    AddQuad(table, CodePlanes512<TWidth>.Quad(codes, half, 0), x, ref even, ref odd);
                    AddQuad(table, CodePlanes512<TWidth>.Quad(codes, half, 1), x + (TRows.Count * QuadColumns), ref even, ref odd);
                    AddQuad(table, CodePlanes512<TWidth>.Quad(codes, half, 2), x + (2 * TRows.Count * QuadColumns), ref even, ref odd);
                    AddQuad(table, CodePlanes512<TWidth>.Quad(codes, half, 3), x + (3 * TRows.Count * QuadColumns), ref even, ref odd);
                }
            }

            Floats16 scale = new(table.Scale(Avx512F.LoadVector512(constants)));
            even.AddTo(y, PanelRows, scale);
            if (TRows.Count <= FewRows)
                odd.AddTo(y, PanelRows, scale);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddQuad<TRows>(in TTable table, Vector512<uint> quad, float* x, ref TRows even, ref TRows odd)
        where TRows : struct, IRows
    {
        table.Columns(quad.AsByte(), out Vector512<float> column0, out Vector512<float> column1, out Vector512<float> column2, out Vector512<float> column3);
        even.Add(x, 0, 1, new(column0));
        if (TRows.Count <= FewRows)
            odd.Add(x, TRows.Count, 1, new(column1));
        else
            even.Add(x, TRows.Count, 1, new(column1));
        even.Add(x, 2 * TRows.Count, 1, new(column2));
        if (TRows.Count <= FewRows)
            odd.Add(x, 3 * TRows.Count, 1, new(column3));
        else
            even.Add(x, 3 * TRows.Count, 1, new(column3));
    }
}
