using ILGPU;

namespace KBitQuant.Compute.Gpu.Decoder;

/// <summary>The sum of a value over the threads of a group, in a fixed order.</summary>
internal static class GroupSum
{
    /// <summary>The largest group, in threads.</summary>
    public const int MaxThreads = 512;

    /// <summary>Called by all threads, whose number is a power of two; every one gets the sum.</summary>
    public static float Of(float value)
    {
        ArrayView<float> sums = SharedMemory.Allocate<float>(MaxThreads);
        sums[Group.IdxX] = value;
        for (int stride = Group.DimX / 2; stride > 0; stride /= 2)
        {
            Group.Barrier();
            if (Group.IdxX < stride)
                sums[Group.IdxX] += sums[Group.IdxX + stride];
        }

        Group.Barrier();
        float sum = sums[0];
        // Before the memory is used again.
        Group.Barrier();
        return sum;
    }
}
