namespace KBitQuant.Compute.Gpu.Kernels.Platforms;

/// <summary>What the kernels of a decoder need beyond plain arithmetic, on one kind of GPU: conversions of halves, in which
/// activations are kept, and the following.</summary>
internal interface IGpuPlatform : IElement<ushort>
{
    /// <summary>The exponent of 2 for e.</summary>
    const float Log2OfE = 1.4426950408889634f;

    /// <summary>e^x, to within |x| + 2 units in the last place.</summary>
    float Exp(float x);

    /// <summary>Lets the next kernel of the stream begin and waits for the one before: called before anything is read that a kernel
    /// writes.</summary>
    void Begin();

    /// <summary>Threads that exchange values without shared memory; they follow one another.</summary>
    int Lanes { get; }

    /// <summary>The sum over those of the caller's <see cref="Lanes"/> whose distance is a multiple of a power of two, in each of
    /// them.</summary>
    float AddLanes(float value, int distance);

    /// <summary>The largest value of the same lanes.</summary>
    float MaxLanes(float value, int distance);
}
