using ILGPU;
using KBitQuant.Compute.Gpu.Kernels.Platforms;

namespace KBitQuant.Compute.Gpu.Decoder.Dense;

/// <summary>The parameter of the kernels that multiply by dense weights.</summary>
internal struct DenseArguments<TStorage> : IKernelArguments
    where TStorage : unmanaged
{
    /// <summary>[N, K].</summary>
    public ArrayView<TStorage> Weight;

    /// <summary>Halves, [M, K].</summary>
    public ArrayView<ushort> X;

    /// <summary>Receives halves, [M, N], where <see cref="IsSingle"/> is 0.</summary>
    public ArrayView<ushort> Halves;

    /// <summary>Receives floats, [M, N], where <see cref="IsSingle"/> is 1.</summary>
    public ArrayView<float> Singles;

    /// <summary>N values, where <see cref="HasBias"/> is 1.</summary>
    public ArrayView<float> Bias;

    public int M;
    public int N;
    public int K;

    /// <summary>0 or 1.</summary>
    public int IsSingle;

    /// <summary>0 or 1.</summary>
    public int HasBias;

    /// <summary>Stores an output.</summary>
    public readonly void Write<TPlatform>(int m, int n, float sum)
        where TPlatform : struct, IGpuPlatform
    {
        long at = ((long)m * N) + n;
        float value = HasBias == 0 ? sum : sum + Bias[n];
        if (IsSingle != 0)
            Singles[at] = value;
        else
            Halves[at] = default(TPlatform).Round(value);
    }

    public readonly void Write(ref ArgumentWriter writer)
    {
        writer.Add(Weight);
        writer.Add(X, Halves);
        writer.Add(Singles, Bias);
        writer.Add(M, N, K, IsSingle, HasBias);
    }
}
