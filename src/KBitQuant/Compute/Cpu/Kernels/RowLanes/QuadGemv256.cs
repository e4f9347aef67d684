using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>One input row times the levels of a quad.</summary>
internal static unsafe class QuadGemv256<TLookup>
    where TLookup : struct, IQuadLookup256<TLookup>
{
    /// <summary>A multiply-add for each vector of levels; x has the quad's four inputs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(
        Vector256<float> levels0, Vector256<float> levels1, Vector256<float> levels2, Vector256<float> levels3, float* x,
        ref Vector256<float> part0, ref Vector256<float> part1, ref Vector256<float> part2, ref Vector256<float> part3)
    {
        Vector256<float> input0, input1, input2, input3;
        if (TLookup.KeepsOrder)
            input0 = input1 = input2 = input3 = Avx.BroadcastVector128ToVector256(x);
        else
            (input0, input1, input2, input3) = (Vector256.Create(x[0]), Vector256.Create(x[1]), Vector256.Create(x[2]), Vector256.Create(x[3]));
        part0 = Vector256.MultiplyAddEstimate(levels0, input0, part0);
        part1 = Vector256.MultiplyAddEstimate(levels1, input1, part1);
        part2 = Vector256.MultiplyAddEstimate(levels2, input2, part2);
        part3 = Vector256.MultiplyAddEstimate(levels3, input3, part3);
    }

    /// <summary>A sum for each row of the sums of a segment's vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Sum(Vector256<float> part0, Vector256<float> part1, Vector256<float> part2, Vector256<float> part3) =>
        TLookup.KeepsOrder ? Avx.HorizontalAdd(Avx.HorizontalAdd(part0, part1), Avx.HorizontalAdd(part2, part3)) : (part0 + part1) + (part2 + part3);
}
