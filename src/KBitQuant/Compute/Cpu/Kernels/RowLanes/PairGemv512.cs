using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KBitQuant.Packing;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>
/// One input row and codes of 2 bits, two columns at a time: the codes of columns c and c + 4 are neighbours in memory, and together have 16
/// values. For each such pair of inputs the 16 sums t[a] * x[c] + t[b] * x[c+4] are computed once, and four groups of rows look their sums up
/// and add them: half the work of a column at a time.
/// </summary>
internal static unsafe class PairGemv512
{
    /// <summary>Row groups that share the sums.</summary>
    public const int Groups = 4;

    private const int Lanes = RowLaneLayout.Lanes;
    private const int QuadColumns = RowLaneLayout.QuadColumns;
    private const int SecondLevelDistance = 4096;
    private const int FirstLevelDistance = 1024;
    private const int UnitDwords = 2;
    private const int DwordBytes = Lanes * sizeof(uint);

    /// <summary>As <see cref="IRowLaneOperations.Gemv"/>.</summary>
    [MethodImpl(InnerLoop.Options)]
    public static void Gemv(in RowLaneBlock block, float* x, float* y)
    {
        byte* codes0 = block.Codes;
        byte* codes1 = codes0 + block.GroupBytes(1);
        byte* codes2 = codes0 + block.GroupBytes(2);
        byte* codes3 = codes0 + block.GroupBytes(3);
        LaneFormat format = block.StoredFormat;
        int segmentBytes = StoredLanes512.Bytes(format);
        byte* constants0 = block.StoredConstants;
        byte* constants1 = constants0 + (block.GroupConstants(1) / Lanes * segmentBytes);
        byte* constants2 = constants0 + (block.GroupConstants(2) / Lanes * segmentBytes);
        byte* constants3 = constants0 + (block.GroupConstants(3) / Lanes * segmentBytes);
        // Ahead of a group's end come its place's codes of the next four groups.
        long ahead = SecondLevelDistance, groupBytes = block.GroupBytes(1);
        byte* lastAhead = codes0 + groupBytes - SecondLevelDistance;
        // Lane i: the entry of code i & 3, and that of code i >> 2.
        Vector512<float> first = Avx512F.LoadVector512(block.Table), second = Avx512F.PermuteVar16x32(first, Vector512<int>.Indices >>> 2);
        Vector512<float> sum0 = Avx512F.LoadVector512(y), sum1 = Avx512F.LoadVector512(y + Lanes);
        Vector512<float> sum2 = Avx512F.LoadVector512(y + (2 * Lanes)), sum3 = Avx512F.LoadVector512(y + (3 * Lanes));
        for (int segment = block.Segments; segment > 0; segment--)
        {
            if (codes0 >= lastAhead)
                ahead = SecondLevelDistance + ((Groups - 1) * groupBytes);
            // Products without the constant; it is applied once a segment.
            Vector512<float> part0 = Vector512<float>.Zero, part1 = part0, part2 = part0, part3 = part0;
            for (int unit = block.UnitsPerSegment; unit > 0; unit--)
            {
                for (int dword = 0; dword < UnitDwords; dword++)
                {
                    Vector512<uint> quads0 = Avx512F.LoadVector512((uint*)codes0), quads1 = Avx512F.LoadVector512((uint*)codes1);
                    Vector512<uint> quads2 = Avx512F.LoadVector512((uint*)codes2), quads3 = Avx512F.LoadVector512((uint*)codes3);
                    Sse.Prefetch1(codes0 + ahead);
                    Sse.Prefetch0(codes0 + FirstLevelDistance);
                    Sse.Prefetch1(codes1 + ahead);
                    Sse.Prefetch0(codes1 + FirstLevelDistance);
                    Sse.Prefetch1(codes2 + ahead);
                    Sse.Prefetch0(codes2 + FirstLevelDistance);
                    Sse.Prefetch1(codes3 + ahead);
                    Sse.Prefetch0(codes3 + FirstLevelDistance);
                    // Rotations have the ports of multiplications, shifts those of additions, on a Zen 5: half of the columns each.
                    AddPair(first, second, x, quads0, quads1, quads2, quads3, ref part0, ref part1, ref part2, ref part3);
                    AddPair(first, second, x + 1, Shift(quads0, 8), Shift(quads1, 8), Shift(quads2, 8), Shift(quads3, 8), ref part0, ref part1, ref part2, ref part3);
                    AddPair(first, second, x + 2, Rotate(quads0, 16), Rotate(quads1, 16), Rotate(quads2, 16), Rotate(quads3, 16), ref part0, ref part1, ref part2, ref part3);
                    AddPair(first, second, x + 3, Shift(quads0, 24), Shift(quads1, 24), Shift(quads2, 24), Shift(quads3, 24), ref part0, ref part1, ref part2, ref part3);
                    AddPair(first, second, x + 8, Rotate(quads0, 4), Rotate(quads1, 4), Rotate(quads2, 4), Rotate(quads3, 4), ref part0, ref part1, ref part2, ref part3);
                    AddPair(first, second, x + 9, Shift(quads0, 12), Shift(quads1, 12), Shift(quads2, 12), Shift(quads3, 12), ref part0, ref part1, ref part2, ref part3);
                    AddPair(first, second, x + 10, Rotate(quads0, 20), Rotate(quads1, 20), Rotate(quads2, 20), Rotate(quads3, 20), ref part0, ref part1, ref part2, ref part3);
                    AddPair(first, second, x + 11, Shift(quads0, 28), Shift(quads1, 28), Shift(quads2, 28), Shift(quads3, 28), ref part0, ref part1, ref part2, ref part3);
                    x += 4 * QuadColumns;
                    codes0 += DwordBytes;
                    codes1 += DwordBytes;
                    codes2 += DwordBytes;
                    codes3 += DwordBytes;
                }
            }

            sum0 = Avx512F.FusedMultiplyAdd(part0, StoredLanes512.Load(constants0, format), sum0);
            sum1 = Avx512F.FusedMultiplyAdd(part1, StoredLanes512.Load(constants1, format), sum1);
            sum2 = Avx512F.FusedMultiplyAdd(part2, StoredLanes512.Load(constants2, format), sum2);
            sum3 = Avx512F.FusedMultiplyAdd(part3, StoredLanes512.Load(constants3, format), sum3);
            constants0 += segmentBytes;
            constants1 += segmentBytes;
            constants2 += segmentBytes;
            constants3 += segmentBytes;
        }

        sum0.Store(y);
        sum1.Store(y + Lanes);
        sum2.Store(y + (2 * Lanes));
        sum3.Store(y + (3 * Lanes));
    }

    /// <summary>A pair of columns, 4 apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddPair(Vector512<float> first, Vector512<float> second, float* x,
        Vector512<uint> pairs0, Vector512<uint> pairs1, Vector512<uint> pairs2, Vector512<uint> pairs3,
        ref Vector512<float> part0, ref Vector512<float> part1, ref Vector512<float> part2, ref Vector512<float> part3)
    {
        Vector512<float> sums = Avx512F.Multiply(first, Vector512.Create(x[0]));
        sums = Avx512F.FusedMultiplyAdd(second, Vector512.Create(x[QuadColumns]), sums);
        part0 = Avx512F.Add(part0, Avx512F.PermuteVar16x32(sums, pairs0.AsInt32()));
        part1 = Avx512F.Add(part1, Avx512F.PermuteVar16x32(sums, pairs1.AsInt32()));
        part2 = Avx512F.Add(part2, Avx512F.PermuteVar16x32(sums, pairs2.AsInt32()));
        part3 = Avx512F.Add(part3, Avx512F.PermuteVar16x32(sums, pairs3.AsInt32()));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Shift(Vector512<uint> pairs, [ConstantExpected] byte count) => Avx512F.ShiftRightLogical(pairs, count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Rotate(Vector512<uint> pairs, [ConstantExpected] byte count) => Avx512F.RotateRight(pairs, count);
}
