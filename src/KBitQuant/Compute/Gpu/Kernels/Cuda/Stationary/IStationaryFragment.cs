using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Stationary;

/// <summary>The sums of 16 weight rows and some input rows as they go through shared memory: 16 bytes of each of some lanes.</summary>
internal interface IStationaryFragment
{
    /// <summary>The logarithm of how many lanes.</summary>
    int LanesShift { get; }

    /// <summary>Where in a fragment a lane of the products stores.</summary>
    uint StoreOffset(int lane);

    /// <summary>Writes a lane's outputs.</summary>
    /// <param name="arguments">The product.</param>
    /// <param name="n">The unit's first weight row.</param>
    /// <param name="m">The fragment's first input row.</param>
    /// <param name="lane">The lane.</param>
    /// <param name="sums">Its sums.</param>
    void Write<TElement>(DecodeArguments arguments, int n, int m, int lane, Floats4 sums)
        where TElement : struct, ITensorElement;
}
