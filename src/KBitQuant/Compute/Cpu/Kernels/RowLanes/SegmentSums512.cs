using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KBitQuant.Packing;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>From the products of a segment, which know no constant yet, to the sums of 16 rows.</summary>
internal static unsafe class SegmentSums512
{
    /// <summary>The segment's constants times its products, and its offsets times the sum of its inputs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Add(in RowLaneBlock block, int group, int segment, Vector512<float> part, float* blockSums, Vector512<float> sum)
    {
        long at = block.GroupConstants(group) + ((long)segment * RowLaneLayout.Lanes);
        sum = Avx512F.FusedMultiplyAdd(part, Avx512F.LoadVector512(block.Constants + at), sum);
        return block.Offsets is null ? sum : Avx512F.FusedMultiplyAdd(Vector512.Create(blockSums[segment]), Avx512F.LoadVector512(block.Offsets + at), sum);
    }
}
