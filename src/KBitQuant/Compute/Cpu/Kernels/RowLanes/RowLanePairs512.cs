using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KBitQuant.Packing;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>
/// Exact products for codes of 2 bits with AVX-512, two columns at a time: the codes of columns c and c + 4 are neighbours in memory, and
/// together have 16 values. For each such pair of inputs the 16 sums t[a] * x[c] + t[b] * x[c+4] are computed once, and each group of rows
/// looks its sums up and adds them: half the work of a column at a time.
/// </summary>
internal sealed unsafe class RowLanePairs512 : IRowLaneOperations
{
    private const int Lanes = RowLaneLayout.Lanes;
    private const int QuadColumns = RowLaneLayout.QuadColumns;
    private const int PairsOfQuads = RowLaneLayout.UnitQuads / 2;

    public static void Gemv(in RowLaneBlock block, float* x, float* blockSums, float* y)
    {
        byte* codes0 = block.Codes;
        byte* codes1 = codes0 + block.GroupBytes(1);
        byte* codes2 = codes0 + block.GroupBytes(2);
        byte* codes3 = codes0 + block.GroupBytes(3);
        // Lane i: the entry of code i & 3, and that of code i >> 2.
        Vector512<float> first = Avx512F.LoadVector512(block.Table);
        Vector512<float> second = Avx512F.PermuteVar16x32(first, Vector512<int>.Indices >>> 2);
        Vector512<float> sum0 = Vector512<float>.Zero, sum1 = sum0, sum2 = sum0, sum3 = sum0;
        for (int segment = 0; segment < block.Segments; segment++)
        {
            Vector512<float> part0 = Vector512<float>.Zero, part1 = part0, part2 = part0, part3 = part0;
            for (int unit = 0; unit < block.UnitsPerSegment; unit++)
            {
                Vector512<uint> pairs0 = default, pairs1 = default, pairs2 = default, pairs3 = default;
                for (int pair = 0; pair < PairsOfQuads; pair++, x += 2 * QuadColumns)
                {
                    pairs0 = ToPair(codes0, pair, pairs0);
                    pairs1 = ToPair(codes1, pair, pairs1);
                    pairs2 = ToPair(codes2, pair, pairs2);
                    pairs3 = ToPair(codes3, pair, pairs3);
                    CodePlanes512<Width2>.Prefetch(codes0, codes1, codes2, codes3, pair);
                    for (int column = 0; column < QuadColumns; column++)
                    {
                        Vector512<float> sums = Avx512F.Multiply(first, Vector512.Create(x[column]));
                        sums = Avx512F.FusedMultiplyAdd(second, Vector512.Create(x[column + QuadColumns]), sums);
                        part0 = Avx512F.Add(part0, Next(sums, ref pairs0));
                        part1 = Avx512F.Add(part1, Next(sums, ref pairs1));
                        part2 = Avx512F.Add(part2, Next(sums, ref pairs2));
                        part3 = Avx512F.Add(part3, Next(sums, ref pairs3));
                    }
                }

                codes0 += RowLaneLayout.UnitBytes(2);
                codes1 += RowLaneLayout.UnitBytes(2);
                codes2 += RowLaneLayout.UnitBytes(2);
                codes3 += RowLaneLayout.UnitBytes(2);
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

    public static void DecodePanel(in RowLaneBlock block, int group, int firstUnit, int unitCount, float* panel) =>
        RowLaneAvx512<Width2>.DecodePanel(block, group, firstUnit, unitCount, panel);

    /// <summary>Two quads of codes are the nibbles at the low end of the bytes: the next dword, or the other half of this one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> ToPair(byte* unit, int pair, Vector512<uint> pairs) => pair % 2 == 0
        ? Avx512F.LoadVector512((uint*)unit + (pair / 2 * Lanes))
        : Avx512F.RotateRight(pairs, 4);

    /// <summary>The current byte's sums, and on to the next byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Next(Vector512<float> sums, ref Vector512<uint> pairs)
    {
        Vector512<float> found = Avx512F.PermuteVar16x32(sums, pairs.AsInt32());
        pairs = Avx512F.RotateRight(pairs, 8);
        return found;
    }
}
