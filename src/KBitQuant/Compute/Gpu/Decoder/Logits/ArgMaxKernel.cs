using System.Diagnostics.CodeAnalysis;
using ILGPU;
using KBitQuant.Compute.Gpu.Kernels.Platforms;

namespace KBitQuant.Compute.Gpu.Decoder.Logits;

/// <summary>The largest value and its index, of several the first: each group finds those of a part of the values, whose threads take
/// four of them at a time; one group those of all parts.</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal static class ArgMaxKernel
{
    /// <summary>The most values of a group that takes part of them.</summary>
    public const int PartLength = 4 * GroupSize;

    private const int GroupSize = 512;

    public static PlatformKernel<Arguments> Kernel { get; } = new("arg-max", Run<PortablePlatform>, Run<CudaPlatform>, GroupSize);

    private static void Run<TPlatform>(Arguments arguments)
        where TPlatform : struct, IGpuPlatform
    {
        default(TPlatform).Begin();
        ArrayView<float> values = SharedMemory.Allocate<float>(GroupSize);
        ArrayView<int> indices = SharedMemory.Allocate<int>(GroupSize);
        int first = Grid.IdxX * PartLength;
        int last = IntrinsicMath.Min(first + PartLength, arguments.Count) - 1;
        float largest = float.NegativeInfinity;
        int index = first;
        for (int i = first + Group.IdxX; i <= last; i += RowValues.Count * Group.DimX)
        {
            // Those past the last one repeat it.
            RowValues four = RowValues.LoadUpTo(arguments.Values, i, Group.DimX, last);
            Keep(four.Row0, i, ref largest, ref index);
            Keep(four.Row1, IntrinsicMath.Min(i + Group.DimX, last), ref largest, ref index);
            Keep(four.Row2, IntrinsicMath.Min(i + (2 * Group.DimX), last), ref largest, ref index);
            Keep(four.Row3, IntrinsicMath.Min(i + (3 * Group.DimX), last), ref largest, ref index);
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

        if (Group.IdxX > 0)
            return;
        arguments.Largest[Grid.IdxX] = values[0];
        arguments.Index[Grid.IdxX] = arguments.HasIndices == 0 ? indices[0] : arguments.Indices[indices[0]];
    }

    private static void Keep(float value, int at, ref float largest, ref int index)
    {
        index = value > largest ? at : index;
        largest = value > largest ? value : largest;
    }

    /// <summary>The kernel's parameter.</summary>
    internal struct Arguments : IKernelArguments
    {
        public ArrayView<float> Values;

        /// <summary>What their indices are, where <see cref="HasIndices"/> is 1.</summary>
        public ArrayView<int> Indices;

        /// <summary>Receives the largest value of each part.</summary>
        public ArrayView<float> Largest;

        /// <summary>Receives its index: the first one where no value is above minus infinity.</summary>
        public ArrayView<int> Index;

        /// <summary>Values, at least 1.</summary>
        public int Count;

        /// <summary>0 or 1.</summary>
        public int HasIndices;

        public readonly void Write(ref ArgumentWriter writer)
        {
            writer.Add(Values);
            writer.Add(Indices);
            writer.Add(Largest);
            writer.Add(Index);
            writer.Add(Count, HasIndices);
        }
    }
}
