using ILGPU;

namespace KBitQuant.Compute.Gpu.Kernels.Platforms;

/// <summary>The sum of a value over the threads of a group, in a fixed order.</summary>
internal static class GroupSum
{
    /// <summary>The largest group, in threads.</summary>
    public const int MaxThreads = 1024;

    /// <summary>Called by all threads; every one gets the sum.</summary>
    public static float Of<TPlatform>(float value)
        where TPlatform : struct, IGpuPlatform
    {
        TPlatform platform = default;
        ArrayView<float> sums = SharedMemory.Allocate<float>(MaxThreads);
        float ofLanes = platform.AddLanes(value, 1);
        if (Group.IdxX % platform.Lanes == 0)
            sums[Group.IdxX / platform.Lanes] = ofLanes;
        Group.Barrier();
        float sum = 0;
        for (int i = Group.IdxX % platform.Lanes; i < Group.DimX / platform.Lanes; i += platform.Lanes)
            sum += sums[i];
        // Before the memory is used again.
        Group.Barrier();
        return platform.AddLanes(sum, 1);
    }
}
