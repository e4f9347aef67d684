using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KBitQuant.DataTypes;

namespace KBitQuant.Quantization;

/// <summary>
/// <see cref="NearestEntry"/> with AVX-512: a branch-free binary search of 16 values at a time. The first four halvings look their
/// thresholds up in one register (a permutation), the later ones, of tables with more than 16 entries, gather them from the table.
/// </summary>
internal static unsafe class NearestEntryAvx512
{
    private const int Lanes = 16;
    private const int RegisterLevels = 4;

    /// <summary>Codes for all whole groups of 16 values.</summary>
    /// <returns>How many values are done.</returns>
    public static int Encode(ReadOnlySpan<float> values, float offset, float scale, SortedCodebook table, Span<byte> codes)
    {
        Vector512<float> offsets = Vector512.Create(offset);
        Vector512<float> scales = Vector512.Create(scale);
        int gatheredLevels = Math.Max(table.LevelCount - RegisterLevels, 0);
        Vector512<float> coarse = CoarseThresholds(table.Thresholds, gatheredLevels);
        Vector128<int> levelShift = Vector128.CreateScalar(gatheredLevels);
        bool isIdentity = table.IsIdentity;
        int i = 0;
        fixed (float* source = values)
        fixed (float* thresholds = table.Thresholds)
        fixed (int* rankToCode = table.RankToCode)
        fixed (byte* destination = codes)
        {
            for (; i <= values.Length - Lanes; i += Lanes)
            {
                Vector512<float> x = Avx512F.Multiply(Avx512F.Subtract(Avx512F.LoadVector512(source + i), offsets), scales);
                Vector512<int> rank = CoarseRank(x, coarse);
                if (gatheredLevels > 0)
                    rank = FineRank(x, Avx512F.ShiftLeftLogical(rank, levelShift), thresholds, gatheredLevels);
                if (!isIdentity)
                    rank = Gather(rankToCode, rank);
                Avx512F.ConvertToVector128Byte(rank).Store(destination + i);
            }
        }

        return i;
    }

    /// <summary>Lane j holds the threshold above the first j + 1 sixteenths of the ranks.</summary>
    private static Vector512<float> CoarseThresholds(float[] thresholds, int gatheredLevels)
    {
        Span<float> coarse = stackalloc float[Lanes];
        for (int lane = 0; lane < Lanes; lane++)
            coarse[lane] = thresholds[((lane + 1) << gatheredLevels) - 1];
        return Vector512.Create<float>(coarse);
    }

    /// <summary>In each lane the number of coarse thresholds below x, 0 to 15, found in four halvings.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> CoarseRank(Vector512<float> x, Vector512<float> coarse)
    {
        Vector512<int> rank = Step(x, Avx512F.PermuteVar16x32(coarse, Vector512.Create(7)), Vector512<int>.Zero, 8);
        rank = Step(x, Avx512F.PermuteVar16x32(coarse, Avx512F.Add(rank, Vector512.Create(3))), rank, 4);
        rank = Step(x, Avx512F.PermuteVar16x32(coarse, Avx512F.Add(rank, Vector512.Create(1))), rank, 2);
        return Step(x, Avx512F.PermuteVar16x32(coarse, rank), rank, 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> FineRank(Vector512<float> x, Vector512<int> rank, float* thresholds, int levels)
    {
        for (int step = 1 << (levels - 1); step > 0; step >>= 1)
            rank = Step(x, Gather((int*)thresholds + step - 1, rank).AsSingle(), rank, step);
        return rank;
    }

    /// <summary>Adds the step in the lanes where x lies above the threshold.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Step(Vector512<float> x, Vector512<float> threshold, Vector512<int> rank, int step) =>
        Avx512F.Add(rank, Avx512F.And(Avx512F.CompareGreaterThan(x, threshold).AsInt32(), Vector512.Create(step)));

    /// <summary>.NET 10 has no 512-bit gather: two of 256 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Gather(int* table, Vector512<int> index) => Vector512.Create(
        Avx2.GatherVector256(table, index.GetLower(), sizeof(int)),
        Avx2.GatherVector256(table, index.GetUpper(), sizeof(int)));
}
