namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Columns;

/// <summary>Some input rows: columns of the product of a warp's 32 weight rows with them.</summary>
/// <typeparam name="TSums">A lane's sums.</typeparam>
internal interface IColumns<TSums>
    where TSums : unmanaged
{
    /// <summary>How many.</summary>
    int Count { get; }

    /// <summary>What is done to a chunk once, before it is multiplied with all columns.</summary>
    WeightChunk Prepare(WeightChunk chunk, DecodeArguments arguments);

    /// <summary>Adds the products over a chunk of 64 columns of the weight.</summary>
    /// <param name="sums">What to add to.</param>
    /// <param name="chunk">The weight.</param>
    /// <param name="x0">Shared address of the lane's inputs in the first 32 columns; the next eight rows follow after
    /// <see cref="BatchGroup.EightRowsBytes"/>.</param>
    /// <param name="x1">As <paramref name="x0"/>, in the other 32.</param>
    TSums Add(TSums sums, WeightChunk chunk, uint x0, uint x1);

    /// <summary>Writes sums to shared memory.</summary>
    /// <param name="sums">The lane's sums.</param>
    /// <param name="address">Where those of its first weight row and input row go (<see cref="BatchGroup.OutputPitch"/>).</param>
    void Store(TSums sums, uint address);
}
