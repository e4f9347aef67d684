namespace KBitQuant.Compute.Gpu.Decoder.Dense.TensorCores;

/// <summary>The parameter of the kernels that multiply by dense weights on tensor cores: addresses and shapes.</summary>
internal struct DenseTensorArguments
{
    /// <summary>Elements that are read, and columns that are written, together.</summary>
    public const int Unit = 8;

    /// <summary>16-bit elements, [N, K].</summary>
    public long Weight;

    /// <summary>Halves, [M, K].</summary>
    public long X;

    /// <summary>Receives [M, N]: floats where <see cref="IsSingle"/> is 1, otherwise halves.</summary>
    public long Y;

    /// <summary>N floats, or 0.</summary>
    public long Bias;

    public int M;
    public int N;

    /// <summary>A multiple of <see cref="Unit"/>.</summary>
    public int K;

    /// <summary>0 or 1.</summary>
    public int IsSingle;

    /// <summary>Where an output goes.</summary>
    public readonly long AddressOf(int m, int n) => Y + ((((long)m * N) + n) * (IsSingle == 0 ? sizeof(ushort) : sizeof(float)));
}
