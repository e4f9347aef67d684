using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>One input row times the levels of quads, a sum for each vector of levels: a multiply-add need not wait for the one before.</summary>
internal unsafe struct QuadSums256<TLookup>
    where TLookup : struct, IQuadLookup256<TLookup>
{
    private Vector256<float> _sum0;
    private Vector256<float> _sum1;
    private Vector256<float> _sum2;
    private Vector256<float> _sum3;

    /// <summary>A multiply-add for each vector of levels; x has the quad's four inputs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(Vector256<float> levels0, Vector256<float> levels1, Vector256<float> levels2, Vector256<float> levels3, float* x)
    {
        Vector256<float> input0, input1, input2, input3;
        if (TLookup.KeepsOrder)
            input0 = input1 = input2 = input3 = Avx.BroadcastVector128ToVector256(x);
        else
            (input0, input1, input2, input3) = (Vector256.Create(x[0]), Vector256.Create(x[1]), Vector256.Create(x[2]), Vector256.Create(x[3]));
        _sum0 = Vector256.MultiplyAddEstimate(levels0, input0, _sum0);
        _sum1 = Vector256.MultiplyAddEstimate(levels1, input1, _sum1);
        _sum2 = Vector256.MultiplyAddEstimate(levels2, input2, _sum2);
        _sum3 = Vector256.MultiplyAddEstimate(levels3, input3, _sum3);
    }

    /// <summary>As <see cref="IUnitGemv256{TSelf}.AddSegment"/>, with a sum for each row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddSegment(in RowLaneBlock block, float* constants, float* y)
    {
        Vector256<float> sum = TLookup.KeepsOrder
            ? Avx.HorizontalAdd(Avx.HorizontalAdd(_sum0, _sum1), Avx.HorizontalAdd(_sum2, _sum3))
            : (_sum0 + _sum1) + (_sum2 + _sum3);
        Vector256.MultiplyAddEstimate(sum, TLookup.Scale(block, Vector256.Load(constants)), Vector256.Load(y)).Store(y);
        _sum0 = _sum1 = _sum2 = _sum3 = default;
    }
}
