using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KBitQuant.DataTypes;

namespace KBitQuant.Quantization;

/// <summary>
/// Chooses codes: the table entry nearest to (x - offset) * (1 / constant). Every path rounds the difference, the reciprocal and the
/// product once each, as bitsandbytes does, and compares with the same thresholds, so that all give the same codes.
/// </summary>
internal static class NearestEntry
{
    /// <summary>Up to here counting the thresholds below x beats searching among them.</summary>
    private const int MaxCounted = 16;

    /// <summary>Writes a code for each value. A constant of 0 writes code 0, whatever the table (as bitsandbytes does);
    /// other constants are at least <see cref="ConstantFormat.SmallestConstant"/>, whose reciprocal is finite.</summary>
    public static void Encode(ReadOnlySpan<float> values, float offset, float constant, SortedCodebook table, Span<byte> codes)
    {
        if (constant == 0)
        {
            codes[..values.Length].Clear();
            return;
        }

        float scale = 1 / constant;
        int done = 0;
        if (Avx512F.IsSupported)
            done = NearestEntryAvx512.Encode(values, offset, scale, table, codes);
        else if (table.Count <= MaxCounted)
            done = EncodeByCounting(values, offset, scale, table, codes);
        else if (Avx2.IsSupported)
            done = EncodeByGathering(values, offset, scale, table, codes);
        for (; done < values.Length; done++)
            codes[done] = (byte)table.Nearest((values[done] - offset) * scale);
    }

    /// <summary>Eight values at a time: the rank is the number of thresholds below the value.</summary>
    private static int EncodeByCounting(ReadOnlySpan<float> values, float offset, float scale, SortedCodebook table, Span<byte> codes)
    {
        ReadOnlySpan<float> thresholds = table.Thresholds.AsSpan(0, table.Count - 1);
        Vector256<float> offsets = Vector256.Create(offset);
        Vector256<float> scales = Vector256.Create(scale);
        int i = 0;
        for (; i <= values.Length - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            Vector256<float> x = (Vector256.Create(values.Slice(i, Vector256<float>.Count)) - offsets) * scales;
            Vector256<int> rank = Vector256<int>.Zero;
            foreach (float threshold in thresholds)
                rank -= Vector256.GreaterThan(x, Vector256.Create(threshold)).AsInt32();
            StoreCodes(rank, table, codes.Slice(i, Vector256<float>.Count));
        }

        return i;
    }

    /// <summary>Eight values at a time: a branch-free binary search, each step's thresholds gathered from the table.</summary>
    private static unsafe int EncodeByGathering(ReadOnlySpan<float> values, float offset, float scale, SortedCodebook table, Span<byte> codes)
    {
        Vector256<float> offsets = Vector256.Create(offset);
        Vector256<float> scales = Vector256.Create(scale);
        int i = 0;
        fixed (float* thresholds = table.Thresholds)
        {
            for (; i <= values.Length - Vector256<float>.Count; i += Vector256<float>.Count)
            {
                Vector256<float> x = (Vector256.Create(values.Slice(i, Vector256<float>.Count)) - offsets) * scales;
                Vector256<int> rank = Vector256<int>.Zero;
                for (int step = 1 << table.LevelCount >> 1; step > 0; step >>= 1)
                {
                    Vector256<float> threshold = Avx2.GatherVector256(thresholds + step - 1, rank, sizeof(float));
                    rank += Vector256.GreaterThan(x, threshold).AsInt32() & Vector256.Create(step);
                }

                StoreCodes(rank, table, codes.Slice(i, Vector256<float>.Count));
            }
        }

        return i;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreCodes(Vector256<int> ranks, SortedCodebook table, Span<byte> codes)
    {
        if (table.IsIdentity)
        {
            Vector128<ushort> words = Vector128.Narrow(ranks.GetLower().AsUInt32(), ranks.GetUpper().AsUInt32());
            MemoryMarshal.Write(codes, Vector128.Narrow(words, words).AsUInt64().ToScalar());
            return;
        }

        int[] rankToCode = table.RankToCode;
        for (int lane = 0; lane < codes.Length; lane++)
            codes[lane] = (byte)rankToCode[ranks[lane]];
    }
}
