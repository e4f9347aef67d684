namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Streaming;

/// <summary>An element type of tensors that are quantized and dequantized, eight elements at a time.</summary>
/// <typeparam name="TChunk">Eight elements, in registers.</typeparam>
internal interface IStreamElement<TChunk>
    where TChunk : unmanaged
{
    /// <summary>Bytes of an element.</summary>
    int Bytes { get; }

    /// <summary>Loads eight.</summary>
    TChunk Load(long address);

    /// <summary>Widens eight, exactly.</summary>
    Floats8 Widen(TChunk chunk);

    /// <summary>The largest magnitude of eight, for <see cref="Larger"/> and <see cref="WidenMagnitude"/>; NaN where there is one.</summary>
    uint Magnitude(TChunk chunk);

    /// <summary>The larger of two magnitudes; NaN where there is one.</summary>
    uint Larger(uint a, uint b);

    /// <summary>A magnitude as a float.</summary>
    float WidenMagnitude(uint magnitude);

    /// <summary>Rounds eight to nearest, ties to even, and stores them.</summary>
    void Store(long address, Floats8 values);
}
