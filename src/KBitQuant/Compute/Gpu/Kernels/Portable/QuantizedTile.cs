using ILGPU;

namespace KBitQuant.Compute.Gpu.Kernels.Portable;

/// <summary>A quantized weight of any layout, its inputs and outputs, as <see cref="TileProduct"/> multiplies them.</summary>
internal struct QuantizedTile<TStorage, TElement, TWeight> : ITileOperands
    where TStorage : unmanaged
    where TElement : struct, IElement<TStorage>
    where TWeight : struct, IWeightView
{
    public PortableArguments<TStorage, TWeight> Arguments;

    /// <summary>The table, in shared memory.</summary>
    public ArrayView<float> Table;

    public readonly int M => Arguments.Operands.M;

    public readonly int N => Arguments.Operands.N;

    public readonly int K => Arguments.Operands.K;

    public readonly float Weight(int n, int k) => Arguments.Weight.Value(n, k, K, Table);

    public readonly float Input(int m, int k) => default(TElement).Widen(Arguments.Operands.X[((long)m * K) + k]);

    public readonly void Write(int m, int n, float sum) => Arguments.Operands.Y[((long)m * N) + n] =
        default(TElement).Round(Arguments.Operands.HasBias == 0 ? sum : sum + Arguments.Operands.Bias[n]);
}
