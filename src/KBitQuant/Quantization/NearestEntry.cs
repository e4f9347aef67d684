using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using KBitQuant.DataTypes;

namespace KBitQuant.Quantization;

/// <summary>
/// Chooses codes: the table entry nearest to (x - offset) * (1 / constant). Every path rounds the difference, the reciprocal and the
/// product once each, as bitsandbytes does, and compares with the same thresholds, so that all give the same codes.
/// </summary>
internal static class NearestEntry
{
    /// <summary>Up to here ranks are found in registers.</summary>
    private const int MaxSmall = 16;

    /// <summary>Writes a code for each value of one block.</summary>
    public static unsafe void Encode(ReadOnlySpan<float> values, float offset, float constant, SortedCodebook table, Span<byte> codes) =>
        Encode(values, new BlockScales(values.Length, &constant, &offset), table, codes);

    /// <summary>Writes a code for each value. A constant of 0 writes code 0, whatever the table (as bitsandbytes does);
    /// other constants are at least <see cref="ConstantFormat.SmallestConstant"/>, whose reciprocal is finite.</summary>
    /// <param name="values">Whole blocks, the last one possibly short, or a part of one.</param>
    /// <param name="blocks">What they are scaled by.</param>
    /// <param name="table">The table.</param>
    /// <param name="codes">As long as the values.</param>
    public static unsafe void Encode(ReadOnlySpan<float> values, BlockScales blocks, SortedCodebook table, Span<byte> codes)
    {
        fixed (float* source = values)
        fixed (byte* destination = codes[..values.Length])
        {
            if (!Vector128.IsHardwareAccelerated || !EncodeSteps(source, blocks, values.Length, table, destination))
                EncodeBlocks(values, blocks, table, codes);
        }
    }

    /// <summary>Codes by the first way that suits the table.</summary>
    /// <returns>Whether there is one.</returns>
    private static unsafe bool EncodeSteps(float* values, BlockScales blocks, int length, SortedCodebook table, byte* codes)
    {
        if (table is { Even: { } even, IsIdentity: true })
            StepEncoding.Run(new EvenEncoder(table, even), values, blocks, length, codes);
        else if (table.Count <= MaxSmall && Avx2.IsSupported)
            StepEncoding.Run(new TreeEncoder(table), values, blocks, length, codes);
        else if (table.Count <= MaxSmall)
            StepEncoding.Run(new CountingEncoder(table), values, blocks, length, codes);
        else if (!(Fma.IsSupported || AdvSimd.IsSupported) || table.Buckets is not { } buckets)
            return false;
        else if (buckets.IsEven)
            StepEncoding.Run(new BucketEncoder<EvenBuckets>(buckets), values, blocks, length, codes);
        else
            StepEncoding.Run(new BucketEncoder<ExponentBuckets>(buckets), values, blocks, length, codes);
        return true;
    }

    /// <summary>A block at a time, with AVX-512 or by the definition: larger tables whose thresholds lie too close for buckets.</summary>
    private static void EncodeBlocks(ReadOnlySpan<float> values, BlockScales blocks, SortedCodebook table, Span<byte> codes)
    {
        for (int block = 0; !values.IsEmpty; block++)
        {
            int count = Math.Min(blocks.Size, values.Length);
            if (blocks.TryGet(block, out float offset, out float scale))
            {
                int done = Avx512F.IsSupported ? NearestEntryAvx512.Encode(values[..count], offset, scale, table, codes) : 0;
                for (; done < count; done++)
                    codes[done] = (byte)table.Nearest((values[done] - offset) * scale);
            }
            else
            {
                codes[..count].Clear();
            }

            values = values[count..];
            codes = codes[count..];
        }
    }
}
