using KBitQuant.DataTypes;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Streaming;

/// <summary>A rule of <see cref="IBuckets"/> on the device, with the same roundings.</summary>
internal interface IStreamBuckets
{
    /// <summary>The shared address of a value's bucket.</summary>
    /// <param name="value">Any value.</param>
    /// <param name="key">As the table has it.</param>
    /// <param name="stride">Bytes from one bucket to the next.</param>
    /// <param name="start">What <see cref="Start"/> says.</param>
    uint Address(float value, BucketKey key, uint stride, uint start);

    /// <summary>What to pass to <see cref="Address"/>.</summary>
    /// <param name="table">The address of the lane's copy of the first bucket.</param>
    /// <param name="key">As the table has it.</param>
    /// <param name="stride">Bytes from one bucket to the next.</param>
    uint Start(uint table, BucketKey key, uint stride);
}
