using KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Stationary;

/// <summary>Symbols to 16-bit values.</summary>
internal interface IStationaryValues
{
    /// <summary>Prepares the group's shared memory; all its threads call this, and a barrier must follow.</summary>
    /// <param name="arguments">The kernel's.</param>
    /// <param name="shared">Where it begins.</param>
    /// <param name="thread">The thread in its group.</param>
    /// <param name="threads">The threads of the group.</param>
    void Prepare(StationaryArguments arguments, uint shared, int thread, int threads);

    /// <summary>What a lane needs for its values.</summary>
    uint Key(StationaryArguments arguments, uint shared, int lane);

    /// <summary>A lane's values of a row in the tile's first 32 columns, two to a register.</summary>
    /// <param name="symbols">The row's symbols in the tile.</param>
    /// <param name="key">The lane's <see cref="Key"/>.</param>
    Words4 FirstQuarter(Symbols symbols, uint key);

    /// <summary>The next 32 columns.</summary>
    Words4 SecondQuarter(Symbols symbols, uint key);

    /// <summary>The next 32 columns.</summary>
    Words4 ThirdQuarter(Symbols symbols, uint key);

    /// <summary>The last 32 columns.</summary>
    Words4 FourthQuarter(Symbols symbols, uint key);
}
