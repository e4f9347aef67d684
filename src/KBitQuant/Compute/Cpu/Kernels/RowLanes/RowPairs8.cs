using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>Two columns of 8 rows of weights, or sums of two lanes a row, in two registers.</summary>
/// <remarks>
/// <code>
/// low: | row 0: c0 c2 | row 1: c0 c2 | row 4 | row 5 |       high: rows 2, 3, 6, 7
/// </code>
/// </remarks>
internal unsafe struct RowPairs8 : ISums<RowPairs8>
{
    private Vector256<float> _low;
    private Vector256<float> _high;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public RowPairs8(Vector256<float> low, Vector256<float> high) => (_low, _high) = (low, high);

    /// <summary>Two inputs, over and over.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddProduct(RowPairs8 weights, float* inputs, int first)
    {
        Vector256<float> pair = Vector256.Create(*(double*)(inputs + first)).AsSingle();
        _low = Vector256.MultiplyAddEstimate(weights._low, pair, _low);
        _high = Vector256.MultiplyAddEstimate(weights._high, pair, _high);
    }

    /// <summary>A sum for each row; its scales are in both registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void AddTo(float* sums, RowPairs8 scale) =>
        Vector256.MultiplyAddEstimate(Avx.HorizontalAdd(_low, _high), scale._low, Vector256.Load(sums)).Store(sums);
}
