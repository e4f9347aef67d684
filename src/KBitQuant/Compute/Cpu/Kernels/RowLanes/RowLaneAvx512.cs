using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KBitQuant.Packing;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>Exact products from <see cref="RowLaneLayout"/> with AVX-512: a vector is one column of 16 rows.</summary>
internal sealed unsafe class RowLaneAvx512<TWidth, TTable> : IRowLaneOperations
    where TWidth : struct, ICodeWidth
    where TTable : struct, IQuadTable512<TTable>
{
    private const int Lanes = RowLaneLayout.Lanes;
    private const int QuadLength = RowLaneLayout.QuadColumns * RowLaneBlock.PanelRows;

    [MethodImpl(InnerLoop.Options)]
    public static void DecodePanel(in RowLaneBlock block, int group, int firstUnit, int unitCount, float* panel)
    {
        byte* codes = block.Codes + block.GroupBytes(group) + ((long)firstUnit * RowLaneLayout.UnitBytes(TWidth.Bits));
        TTable table = TTable.Of(block);
        // The next slice: it arrives while this one is multiplied.
        long ahead = (long)unitCount * RowLaneLayout.UnitBytes(TWidth.Bits);
        for (int unit = firstUnit; unit < firstUnit + unitCount; unit++, codes += RowLaneLayout.UnitBytes(TWidth.Bits))
        {
            CodePlanes512<TWidth>.Prefetch(codes, ahead);
            long segment = block.GroupConstants(group) + ((long)(unit / block.UnitsPerSegment) * Lanes);
            Vector512<float> constants = table.Scale(Avx512F.LoadVector512(block.Constants + segment));
            Vector512<float> offsets = block.Offsets is null ? Vector512<float>.Zero : Avx512F.LoadVector512(block.Offsets + segment);
            for (int half = 0; half < 2; half++, panel += CodePlanes512<TWidth>.HalfQuads * QuadLength)
            {
                Decode(table, CodePlanes512<TWidth>.Quad(codes, half, 0), constants, offsets, panel);
                Decode(table, CodePlanes512<TWidth>.Quad(codes, half, 1), constants, offsets, panel + QuadLength);
                Decode(table, CodePlanes512<TWidth>.Quad(codes, half, 2), constants, offsets, panel + (2 * QuadLength));
                Decode(table, CodePlanes512<TWidth>.Quad(codes, half, 3), constants, offsets, panel + (3 * QuadLength));
            }
        }
    }

    public static int GemvGroups => 1;

    [MethodImpl(InnerLoop.Options)]
    public static void Gemv(in RowLaneBlock block, float* x, float* y)
    {
        byte* codes = block.Codes;
        byte* constants = block.StoredConstants;
        LaneFormat format = block.StoredFormat;
        int segmentBytes = StoredLanes512.Bytes(format);
        TTable table = TTable.Of(block);
        Vector512<float> sum = Avx512F.LoadVector512(y);
        for (int segment = block.Segments; segment > 0; segment--, constants += segmentBytes)
        {
            // Products without the constant; it is applied once a segment. A sum for each column of two quads: a multiply-add need not wait for
            // the one before.
            Vector512<float> part0 = Vector512<float>.Zero, part1 = part0, part2 = part0, part3 = part0, part4 = part0, part5 = part0, part6 = part0, part7 = part0;
            for (int unit = block.UnitsPerSegment; unit > 0; unit--, x += RowLaneLayout.UnitColumns, codes += RowLaneLayout.UnitBytes(TWidth.Bits))
            {
                CodePlanes512<TWidth>.PrefetchStream(codes);
                Add(table, CodePlanes512<TWidth>.Quad(codes, 0, 0), x, ref part0, ref part1, ref part2, ref part3);
                Add(table, CodePlanes512<TWidth>.Quad(codes, 0, 1), x + 4, ref part4, ref part5, ref part6, ref part7);
                Add(table, CodePlanes512<TWidth>.Quad(codes, 0, 2), x + 8, ref part0, ref part1, ref part2, ref part3);
                Add(table, CodePlanes512<TWidth>.Quad(codes, 0, 3), x + 12, ref part4, ref part5, ref part6, ref part7);
                Add(table, CodePlanes512<TWidth>.Quad(codes, 1, 0), x + 16, ref part0, ref part1, ref part2, ref part3);
                Add(table, CodePlanes512<TWidth>.Quad(codes, 1, 1), x + 20, ref part4, ref part5, ref part6, ref part7);
                Add(table, CodePlanes512<TWidth>.Quad(codes, 1, 2), x + 24, ref part0, ref part1, ref part2, ref part3);
                Add(table, CodePlanes512<TWidth>.Quad(codes, 1, 3), x + 28, ref part4, ref part5, ref part6, ref part7);
            }

            sum = Avx512F.FusedMultiplyAdd(part0 + part4 + (part1 + part5) + (part2 + part6 + (part3 + part7)), table.Scale(StoredLanes512.Load(constants, format)), sum);
        }

        sum.Store(y);
    }

    /// <summary>The products of a quad.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(in TTable table, Vector512<uint> quad, float* x, ref Vector512<float> part0, ref Vector512<float> part1, ref Vector512<float> part2, ref Vector512<float> part3)
    {
        table.Columns(quad.AsByte(), out Vector512<float> column0, out Vector512<float> column1, out Vector512<float> column2, out Vector512<float> column3);
        part0 = Avx512F.FusedMultiplyAdd(column0, Vector512.Create(x[0]), part0);
        part1 = Avx512F.FusedMultiplyAdd(column1, Vector512.Create(x[1]), part1);
        part2 = Avx512F.FusedMultiplyAdd(column2, Vector512.Create(x[2]), part2);
        part3 = Avx512F.FusedMultiplyAdd(column3, Vector512.Create(x[3]), part3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Decode(in TTable table, Vector512<uint> quad, Vector512<float> constants, Vector512<float> offsets, float* panel)
    {
        table.Columns(quad.AsByte(), out Vector512<float> column0, out Vector512<float> column1, out Vector512<float> column2, out Vector512<float> column3);
        Avx512F.FusedMultiplyAdd(column0, constants, offsets).Store(panel);
        Avx512F.FusedMultiplyAdd(column1, constants, offsets).Store(panel + RowLaneBlock.PanelRows);
        Avx512F.FusedMultiplyAdd(column2, constants, offsets).Store(panel + (2 * RowLaneBlock.PanelRows));
        Avx512F.FusedMultiplyAdd(column3, constants, offsets).Store(panel + (3 * RowLaneBlock.PanelRows));
    }
}
