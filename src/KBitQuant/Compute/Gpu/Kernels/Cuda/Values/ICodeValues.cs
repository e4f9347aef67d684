using KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Values;

/// <summary>Symbols to 16-bit values.</summary>
internal interface ICodeValues
{
    /// <summary>Whether they come from a table in shared memory.</summary>
    bool HasTable { get; }

    /// <summary>Prepares the group's shared memory; all its threads call this, and a barrier must follow.</summary>
    /// <param name="arguments">The kernel's.</param>
    /// <param name="shared">Where it begins.</param>
    /// <param name="thread">The thread in its group.</param>
    /// <param name="threads">The threads of the group.</param>
    void Prepare(DecodeArguments arguments, uint shared, int thread, int threads);

    /// <summary>What a lane needs for its values.</summary>
    uint Key(DecodeArguments arguments, uint shared, int lane);

    /// <summary>A lane's values in the tile's first 32 columns.</summary>
    /// <param name="symbols">The symbols of the tile.</param>
    /// <param name="key">The lane's <see cref="Key"/>.</param>
    QuarterValues FirstQuarter(Symbols symbols, uint key);

    /// <summary>The next 32 columns.</summary>
    QuarterValues SecondQuarter(Symbols symbols, uint key);

    /// <summary>The next 32 columns.</summary>
    QuarterValues ThirdQuarter(Symbols symbols, uint key);

    /// <summary>The last 32 columns.</summary>
    QuarterValues FourthQuarter(Symbols symbols, uint key);

    /// <summary>What <see cref="LastColumns"/> needs beside the key.</summary>
    Words2 Registers(DecodeArguments arguments);

    /// <summary>As <see cref="FourthQuarter"/>, by the fastest way where inputs can be put in another order (<see cref="OrderLast"/>).</summary>
    QuarterValues LastColumns(Symbols symbols, uint key, Words2 registers);

    /// <summary>Eight consecutive inputs of a tile's last 32 columns in the order of <see cref="LastColumns"/>.</summary>
    Words4 OrderLast(Words4 inputs);
}
