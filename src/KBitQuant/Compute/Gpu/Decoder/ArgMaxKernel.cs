using System.Diagnostics.CodeAnalysis;
using ILGPU;

namespace KBitQuant.Compute.Gpu.Decoder;

/// <summary>The index of the largest value, of several the first: one group, whose threads take the values in turn.</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal static class ArgMaxKernel
{
    private const int GroupSize = 512;

    public static PlatformKernel<Arguments> Kernel { get; } = new(Run<PortablePlatform>, Run<CudaPlatform>, GroupSize);

    private static void Run<TPlatform>(Arguments arguments)
        where TPlatform : struct, IGpuPlatform
    {
        default(TPlatform).Begin();
        ArrayView<float> values = SharedMemory.Allocate<float>(GroupSize);
        ArrayView<int> indices = SharedMemory.Allocate<int>(GroupSize);
        float largest = float.NegativeInfinity;
        int index = 0;
        for (int i = Group.IdxX; i < arguments.Count; i += Group.DimX)
        {
            float value = arguments.Values[i];
            index = value > largest ? i : index;
            largest = value > largest ? value : largest;
        }

        values[Group.IdxX] = largest;
        indices[Group.IdxX] = index;
        for (int half = Group.DimX / 2; half > 0; half /= 2)
        {
            Group.Barrier();
            if (Group.IdxX >= half)
                continue;
            float other = values[Group.IdxX + half];
            int otherIndex = indices[Group.IdxX + half];
            if (other > values[Group.IdxX] || (other == values[Group.IdxX] && otherIndex < indices[Group.IdxX]))
            {
                values[Group.IdxX] = other;
                indices[Group.IdxX] = otherIndex;
            }
        }

        if (Group.IdxX == 0)
            arguments.Index[0] = indices[0];
    }

    /// <summary>The kernel's parameter.</summary>
    internal struct Arguments : IKernelArguments
    {
        public ArrayView<float> Values;

        /// <summary>Receives the index: 0 where no value is above minus infinity.</summary>
        public ArrayView<int> Index;

        /// <summary>Values, at least 1.</summary>
        public int Count;

        public readonly void Write(ref ArgumentWriter writer)
        {
            writer.Add(Values);
            writer.Add(Index);
            writer.Add(Count);
        }
    }
}
