using System.Diagnostics.CodeAnalysis;
using ILGPU;
using KBitQuant.Quantization;

namespace KBitQuant.Compute.Gpu.Kernels.Portable;

/// <summary>Finds the offset and the constant of each block, with the bits that the processor finds (<see cref="BlockwiseQuantizer"/>),
/// in plain ILGPU. Some lanes of a group share a block: one for short blocks, all of them for long ones.</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal static class BlockConstantsKernel
{
    /// <summary>Elements of a block for each of its lanes, about.</summary>
    private const int ElementsPerLane = 32;

    private const uint Magnitude = 0x7FFF_FFFF;
    private const uint Infinity = 0x7F80_0000;

    /// <summary>Finds those of the blocks from <see cref="Arguments{TStorage}.FirstBlock"/> on, within a call.</summary>
    public static void Run<TStorage, TElement>(GpuDevice device, Arguments<TStorage> arguments)
        where TStorage : unmanaged
        where TElement : struct, IElement<TStorage>
    {
        arguments.Lanes = 1;
        while (arguments.Lanes * 2 <= device.GroupSize && arguments.Lanes * ElementsPerLane < arguments.BlockSize)
            arguments.Lanes *= 2;
        int blocksPerGroup = device.GroupSize / arguments.Lanes;
        int blocks = arguments.Blocks - arguments.FirstBlock;
        device.Launch(Find<TStorage, TElement>, ((blocks - 1) / blocksPerGroup) + 1, arguments);
    }

    private static void Find<TStorage, TElement>(Arguments<TStorage> arguments)
        where TStorage : unmanaged
        where TElement : struct, IElement<TStorage>
    {
        ArrayView<float> minima = SharedMemory.Allocate<float>(GpuDevice.LargestGroupSize);
        ArrayView<uint> magnitudes = SharedMemory.Allocate<uint>(GpuDevice.LargestGroupSize);
        int lane = Group.IdxX % arguments.Lanes;
        int firstThread = Group.IdxX - lane;
        // Past the last block, lanes find those of the last one again, for the barriers, and write nothing.
        long wanted = arguments.FirstBlock + ((long)Grid.IdxX * (Group.DimX / arguments.Lanes)) + (Group.IdxX / arguments.Lanes);
        long block = IntrinsicMath.Min(wanted, arguments.Blocks - 1L);
        long start = block * arguments.BlockSize;
        long end = IntrinsicMath.Min(start + arguments.BlockSize, arguments.Length);

        float offset = 0;
        if (arguments.Offset != (int)BlockOffset.None)
        {
            minima[Group.IdxX] = arguments.Offset == (int)BlockOffset.Minimum
                ? Smallest<TStorage, TElement>(arguments, start + lane, end)
                : lane == 0 ? Mean<TStorage, TElement>(arguments, start, end) : 0;
            Group.Barrier();
            offset = arguments.Offset == (int)BlockOffset.Minimum ? Fold(minima, firstThread, arguments.Lanes) : minima[firstThread];
        }

        // Where the offset is not finite, nor are the distances from it.
        bool isWriter = lane == 0 && wanted == block;
        if (arguments.Offset != (int)BlockOffset.None && (Interop.FloatAsInt(offset) & Magnitude) < Infinity)
        {
            offset = arguments.Offsets.Round(offset);
            if (isWriter)
                arguments.Offsets.Write(block, offset);
        }

        magnitudes[Group.IdxX] = Largest<TStorage, TElement>(arguments, start + lane, end, offset);
        Group.Barrier();
        if (!isWriter)
            return;
        uint largest = 0;
        for (int i = 0; i < arguments.Lanes; i++)
            largest = IntrinsicMath.Max(largest, magnitudes[firstThread + i]);
        if (largest >= Infinity)
            Atomic.Min(ref arguments.FirstBadBlock[0], (uint)block);
        float constant = largest >= Infinity ? 0 : arguments.Constants.Round(Interop.IntAsFloat(largest));
        arguments.Constants.Write(block, constant < ConstantFormat.SmallestConstant ? 0 : constant);
    }

    private static float Smallest<TStorage, TElement>(Arguments<TStorage> arguments, long start, long end)
        where TStorage : unmanaged
        where TElement : struct, IElement<TStorage>
    {
        float smallest = float.PositiveInfinity;
        for (long i = start; i < end; i += arguments.Lanes)
            smallest = Smaller(smallest, default(TElement).Widen(arguments.Source[i]));
        return smallest;
    }

    /// <summary>The sum in the order of the elements, as on the processor, so that its bits are the same.</summary>
    private static float Mean<TStorage, TElement>(Arguments<TStorage> arguments, long start, long end)
        where TStorage : unmanaged
        where TElement : struct, IElement<TStorage>
    {
        double sum = 0;
        for (long i = start; i < end; i++)
            sum += default(TElement).Widen(arguments.Source[i]);
        return (float)(sum / (end - start));
    }

    /// <summary>The bits of the largest distance from the offset: infinities and NaN come out on top.</summary>
    private static uint Largest<TStorage, TElement>(Arguments<TStorage> arguments, long start, long end, float offset)
        where TStorage : unmanaged
        where TElement : struct, IElement<TStorage>
    {
        uint largest = 0;
        for (long i = start; i < end; i += arguments.Lanes)
            largest = IntrinsicMath.Max(largest, Interop.FloatAsInt(default(TElement).Widen(arguments.Source[i]) - offset) & Magnitude);
        return largest;
    }

    private static float Fold(ArrayView<float> minima, int start, int count)
    {
        float smallest = minima[start];
        for (int i = 1; i < count; i++)
            smallest = Smaller(smallest, minima[start + i]);
        return smallest;
    }

    /// <summary>The smaller of two, -0 below +0.</summary>
    private static float Smaller(float a, float b) => b < a || (b == a && Interop.FloatAsInt(b) > Interop.FloatAsInt(a)) ? b : a;

    /// <summary>The kernel's parameter.</summary>
    internal struct Arguments<TStorage>
        where TStorage : unmanaged
    {
        public ArrayView<TStorage> Source;

        /// <summary>Receives the constants.</summary>
        public ConstantView Constants;

        /// <summary>Receives the offsets, where there are any.</summary>
        public ConstantView Offsets;

        /// <summary>Lowered to the first block that has no constant.</summary>
        public ArrayView<uint> FirstBadBlock;

        public int Length;
        public int BlockSize;
        public int FirstBlock;
        public int Blocks;

        /// <summary>A <see cref="BlockOffset"/>.</summary>
        public int Offset;

        /// <summary>Threads of a block: a power of two.</summary>
        public int Lanes;
    }
}
