namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Columns;

/// <summary>Some input rows: columns of the product of a warp's 32 weight rows with them.</summary>
/// <typeparam name="TSums">A lane's sums.</typeparam>
internal interface IColumns<TSums>
    where TSums : unmanaged
{
    /// <summary>How many.</summary>
    int Count { get; }

    /// <summary>Adds the products over 32 columns of the weight.</summary>
    /// <param name="sums">What to add to.</param>
    /// <param name="first">The weight's values of the first unit.</param>
    /// <param name="second">Those of the second one.</param>
    /// <param name="x">Shared address of the lane's inputs in these columns; the next eight rows follow after
    /// <see cref="BatchGroup.EightRowsBytes"/>.</param>
    TSums Add(TSums sums, QuarterValues first, QuarterValues second, uint x);

    /// <summary>sums + products * scales.</summary>
    TSums AddScaled(TSums sums, TSums products, RowScales scales);

    /// <summary>Writes sums to shared memory.</summary>
    /// <param name="sums">The lane's sums.</param>
    /// <param name="address">Where those of its first weight row and input row go.</param>
    /// <param name="pitch">Bytes from an input row to the next.</param>
    void Store(TSums sums, uint address, int pitch);
}
