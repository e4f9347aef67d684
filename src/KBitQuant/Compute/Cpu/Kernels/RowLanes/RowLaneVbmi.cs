using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KBitQuant.DataTypes;
using KBitQuant.Packing;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>
/// Exact products for tables of 64 to 256 entries with AVX-512 VBMI: the 64 codes of a quad (four columns of 16 rows) are looked up at
/// once by byte permutations, a plane of the table's bytes after the other (<see cref="BytePlaneLookup"/>), and interleaved to four vectors
/// of floats, a column each. About a third of the work of looking up floats in 4 to 16 registers.
/// </summary>
internal sealed unsafe class RowLaneVbmi<TWidth> : IRowLaneOperations
    where TWidth : struct, ICodeWidth
{
    private const int Lanes = RowLaneLayout.Lanes;
    private const int PlaneLength = 256;

    public static void Gemv(in RowLaneBlock block, float* x, float* blockSums, float* y)
    {
        byte* codes0 = block.Codes;
        byte* codes1 = codes0 + block.GroupBytes(1);
        byte* codes2 = codes0 + block.GroupBytes(2);
        byte* codes3 = codes0 + block.GroupBytes(3);
        byte* planes = block.TablePlanes;
        Vector512<byte> transposed = TransposedQuad();
        Vector512<float> sum0 = Vector512<float>.Zero, sum1 = sum0, sum2 = sum0, sum3 = sum0;
        for (int segment = 0; segment < block.Segments; segment++)
        {
            // Products without the constant; it is applied once a segment.
            Vector512<float> part0 = Vector512<float>.Zero, part1 = part0, part2 = part0, part3 = part0;
            for (int unit = 0; unit < block.UnitsPerSegment; unit++)
            {
                Vector512<uint> low0 = default, low1 = default, low2 = default, low3 = default;
                Vector512<uint> mid0 = default, mid1 = default, mid2 = default, mid3 = default;
                Vector512<uint> top0 = default, top1 = default, top2 = default, top3 = default;
                for (int quad = 0; quad < RowLaneLayout.UnitQuads; quad++, x += RowLaneLayout.QuadColumns)
                {
                    CodePlanes512<TWidth>.ToQuad(codes0, quad, ref low0, ref mid0, ref top0);
                    CodePlanes512<TWidth>.ToQuad(codes1, quad, ref low1, ref mid1, ref top1);
                    CodePlanes512<TWidth>.ToQuad(codes2, quad, ref low2, ref mid2, ref top2);
                    CodePlanes512<TWidth>.ToQuad(codes3, quad, ref low3, ref mid3, ref top3);
                    CodePlanes512<TWidth>.Prefetch(codes0, codes1, codes2, codes3, quad);
                    part0 = AddQuad(planes, transposed, CodePlanes512<TWidth>.QuadCodes(low0, mid0, top0), x, part0);
                    part1 = AddQuad(planes, transposed, CodePlanes512<TWidth>.QuadCodes(low1, mid1, top1), x, part1);
                    part2 = AddQuad(planes, transposed, CodePlanes512<TWidth>.QuadCodes(low2, mid2, top2), x, part2);
                    part3 = AddQuad(planes, transposed, CodePlanes512<TWidth>.QuadCodes(low3, mid3, top3), x, part3);
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
        Vector512<byte> transposed = TransposedQuad();
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
                Lookup(block.TablePlanes, transposed, CodePlanes512<TWidth>.QuadCodes(low, mid, top), out Vector512<float> column0, out Vector512<float> column1, out Vector512<float> column2, out Vector512<float> column3);
                Avx512F.FusedMultiplyAdd(column0, constants, offsets).Store(panel);
                Avx512F.FusedMultiplyAdd(column1, constants, offsets).Store(panel + RowLaneBlock.PanelRows);
                Avx512F.FusedMultiplyAdd(column2, constants, offsets).Store(panel + (2 * RowLaneBlock.PanelRows));
                Avx512F.FusedMultiplyAdd(column3, constants, offsets).Store(panel + (3 * RowLaneBlock.PanelRows));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> AddQuad(byte* planes, Vector512<byte> transposed, Vector512<byte> codes, float* x, Vector512<float> sum)
    {
        Lookup(planes, transposed, codes, out Vector512<float> column0, out Vector512<float> column1, out Vector512<float> column2, out Vector512<float> column3);
        sum = Avx512F.FusedMultiplyAdd(column0, Vector512.Create(x[0]), sum);
        sum = Avx512F.FusedMultiplyAdd(column1, Vector512.Create(x[1]), sum);
        sum = Avx512F.FusedMultiplyAdd(column2, Vector512.Create(x[2]), sum);
        return Avx512F.FusedMultiplyAdd(column3, Vector512.Create(x[3]), sum);
    }

    /// <summary>Each 128 bits hold the dwords of four rows, a byte a column; interleaving makes floats of neighbouring bytes of the planes. So
    /// the bytes of a column are brought together first: a transposition of 4 x 4 bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Lookup(byte* planes, Vector512<byte> transposed, Vector512<byte> codes,
        out Vector512<float> column0, out Vector512<float> column1, out Vector512<float> column2, out Vector512<float> column3)
    {
        codes = Avx512BW.Shuffle(codes, transposed);
        Vector512<byte> plane0 = LookupPlane(planes, codes);
        Vector512<byte> plane1 = LookupPlane(planes + PlaneLength, codes);
        Vector512<byte> plane2 = LookupPlane(planes + (2 * PlaneLength), codes);
        Vector512<byte> plane3 = LookupPlane(planes + (3 * PlaneLength), codes);
        Vector512<ushort> low01 = Avx512BW.UnpackLow(plane0, plane1).AsUInt16(), high01 = Avx512BW.UnpackHigh(plane0, plane1).AsUInt16();
        Vector512<ushort> low23 = Avx512BW.UnpackLow(plane2, plane3).AsUInt16(), high23 = Avx512BW.UnpackHigh(plane2, plane3).AsUInt16();
        column0 = Avx512BW.UnpackLow(low01, low23).AsSingle();
        column1 = Avx512BW.UnpackHigh(low01, low23).AsSingle();
        column2 = Avx512BW.UnpackLow(high01, high23).AsSingle();
        column3 = Avx512BW.UnpackHigh(high01, high23).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> LookupPlane(byte* plane, Vector512<byte> codes) => TWidth.Bits switch
    {
        6 => Avx512Vbmi.PermuteVar64x8(Vector512.Load(plane), codes),
        7 => Avx512Vbmi.PermuteVar64x8x2(Vector512.Load(plane), codes, Vector512.Load(plane + 64)),
        _ => BytePlaneLookup.Lookup(plane, codes),
    };

    private static Vector512<byte> TransposedQuad()
    {
        Vector128<byte> lane = Vector128.Create((byte)0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
        Vector256<byte> lanes = Vector256.Create(lane, lane);
        return Vector512.Create(lanes, lanes);
    }
}
