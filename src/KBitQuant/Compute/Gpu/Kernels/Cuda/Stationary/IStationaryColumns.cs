using KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Values;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Stationary;

/// <summary>Some input rows, columns of the product of 16 weight rows with them, whose inputs stay in registers.</summary>
/// <typeparam name="TInputs">A lane's inputs in 32 columns of the weight.</typeparam>
/// <typeparam name="TSums">A lane's sums.</typeparam>
internal interface IStationaryColumns<TInputs, TSums> : IStationaryFragment
    where TInputs : unmanaged
    where TSums : unmanaged
{
    /// <summary>How many.</summary>
    int Count { get; }

    /// <summary>Loads a lane's inputs in 32 columns of the weight.</summary>
    /// <param name="x">The address of input row g of lane 4g + t, column 8t.</param>
    /// <param name="eightRows">Bytes from there to the row eight rows further.</param>
    /// <param name="rows">Input rows that there are from row g on; others are zeros.</param>
    TInputs Load(long x, long eightRows, int rows);

    /// <summary>Inputs of a tile's last 32 columns in the order of <see cref="LastColumns"/>.</summary>
    TInputs OrderLast<TValues>(TInputs inputs)
        where TValues : struct, ICodeValues;

    /// <summary>A lane's values in the tile's last 32 columns, by the fastest way beside so many inputs (<see cref="ICodeValues.LastColumns"/>).</summary>
    QuarterValues LastColumns<TValues>(Symbols symbols, uint key, Words2 registers)
        where TValues : struct, ICodeValues;

    /// <summary>Adds the products over 32 columns of the weight.</summary>
    /// <param name="sums">What to add to.</param>
    /// <param name="weight">The lane's values.</param>
    /// <param name="inputs">The inputs.</param>
    TSums Add(TSums sums, QuarterValues weight, TInputs inputs);

    /// <summary>sums + products * scales, of rows g and g + 8.</summary>
    TSums AddScaled(TSums sums, TSums products, Floats2 scales);

    /// <summary>Writes sums to shared memory.</summary>
    /// <param name="sums">The lane's sums.</param>
    /// <param name="address">Where the lane's part of the fragment with the first input rows goes.</param>
    /// <param name="step">Bytes from there to that of the next eight.</param>
    /// <param name="lane">The lane.</param>
    void Store(TSums sums, uint address, uint step, int lane);
}
