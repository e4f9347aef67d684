using KBitQuant.Compute.Gpu.Kernels;
using KBitQuant.Compute.Gpu.Kernels.Platforms;
using KBitQuant.Compute.Gpu.Kernels.Portable;

namespace KBitQuant.Compute.Gpu.Decoder.Dense;

/// <summary>A dense weight and halves, as <see cref="TileProduct"/> multiplies them.</summary>
internal struct DenseTile<TStorage, TElement, TPlatform> : ITileOperands
    where TStorage : unmanaged
    where TElement : struct, IElement<TStorage>
    where TPlatform : struct, IGpuPlatform
{
    public DenseArguments<TStorage> Arguments;

    public readonly int M => Arguments.M;

    public readonly int N => Arguments.N;

    public readonly int K => Arguments.K;

    public readonly float Weight(int n, int k) => default(TElement).Widen(Arguments.Weight[((long)n * K) + k]);

    public readonly float Input(int m, int k) => default(TPlatform).Widen(Arguments.X[((long)m * K) + k]);

    public readonly void Write(int m, int n, float sum) => Arguments.Write<TPlatform>(m, n, sum);
}
