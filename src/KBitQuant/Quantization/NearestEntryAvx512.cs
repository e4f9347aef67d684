using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KBitQuant.DataTypes;

namespace KBitQuant.Quantization;

/// <summary>
/// <see cref="NearestEntry"/> with AVX-512: 16 values at a time walk down the search tree of the thresholds. Each lane holds the
/// number of its node; a node's threshold is looked up by permutation in the registers that hold its level. Levels 0 to 3 (nodes 1 to
/// 15) lie in one register, level 4 in one, levels 5, 6 and 7 in two, four and eight.
/// </summary>
internal static unsafe class NearestEntryAvx512
{
    private const int Lanes = 16;
    private const int SmallLevels = 4;

    /// <summary>Codes for all whole groups of 16 values.</summary>
    /// <returns>How many values are done.</returns>
    public static int Encode(ReadOnlySpan<float> values, float offset, float scale, SortedCodebook table, Span<byte> codes)
    {
        int whole = values.Length & -Lanes;
        fixed (float* source = values)
        fixed (float* tree = table.Tree)
        fixed (byte* rankToCode = table.RankToCodeBytes)
        fixed (byte* destination = codes)
        {
            FindRanks(source, whole, offset, scale, tree, table.LevelCount, destination);
            if (!table.IsIdentity)
                ReplaceRanks(destination, whole, rankToCode);
        }

        return whole;
    }

    private static void FindRanks(float* source, int count, float offset, float scale, float* tree, int levels, byte* destination)
    {
        Vector512<float> offsets = Vector512.Create(offset);
        Vector512<float> scales = Vector512.Create(scale);
        Vector512<float> nodes1 = Avx512F.LoadVector512(tree);
        Vector512<float> nodes16 = Avx512F.LoadVector512(tree + 16);
        Vector512<int> rankMask = Vector512.Create((1 << levels) - 1);
        for (int i = 0; i < count; i += Lanes)
        {
            Vector512<float> x = Avx512F.Multiply(Avx512F.Subtract(Avx512F.LoadVector512(source + i), offsets), scales);
            Vector512<int> node = Vector512<int>.One;
            for (int level = 0; level < SmallLevels; level++)
                node = Descend(node, x, Avx512F.PermuteVar16x32(nodes1, node));
            node = Descend(node, x, Avx512F.PermuteVar16x32(nodes16, node));
            if (levels > 5)
                node = Descend(node, x, RegisterTable.Lookup32(tree + 32, node));
            if (levels > 6)
                node = Descend(node, x, RegisterTable.Lookup64(tree + 64, node));
            if (levels > 7)
                node = Descend(node, x, RegisterTable.Lookup128(tree + 128, node));
            Vector512<int> rank = Avx512F.And(node, rankMask);
            Avx512F.ConvertToVector128Byte(rank).Store(destination + i);
        }
    }

    private static void ReplaceRanks(byte* ranks, int count, byte* codeOf)
    {
        int i = 0;
        if (BytePlaneLookup.IsSupported)
        {
            for (; i <= count - Vector512<byte>.Count; i += Vector512<byte>.Count)
                BytePlaneLookup.Lookup<TwoRegisterPermutation>(codeOf, Vector512.Load(ranks + i)).Store(ranks + i);
        }

        for (; i < count; i++)
            ranks[i] = codeOf[ranks[i]];
    }

    /// <summary>To the left child 2n, or to the right child 2n + 1 where x lies above the node's threshold (a mask of -1).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Descend(Vector512<int> node, Vector512<float> x, Vector512<float> threshold) =>
        Avx512F.Subtract(Avx512F.Add(node, node), Avx512F.CompareGreaterThan(x, threshold).AsInt32());
}
