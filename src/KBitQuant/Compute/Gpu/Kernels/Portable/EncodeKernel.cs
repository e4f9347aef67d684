using System.Diagnostics.CodeAnalysis;
using ILGPU;
using KBitQuant.DataTypes;

namespace KBitQuant.Compute.Gpu.Kernels.Portable;

/// <summary>Values to codes in the canonical packing, where the constants of all blocks are known, in plain ILGPU. A thread takes 32
/// elements, whose codes fill whole words for every k.</summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal static class EncodeKernel
{
    /// <summary>Elements of a thread.</summary>
    public const int ElementsPerThread = 32;

    /// <summary>Encodes from <see cref="Arguments{TStorage}.Start"/> on, within a call.</summary>
    public static void Run<TStorage, TElement>(GpuDevice device, Arguments<TStorage> arguments)
        where TStorage : unmanaged
        where TElement : struct, IElement<TStorage>
    {
        int threads = ((arguments.Length - arguments.Start - 1) / ElementsPerThread) + 1;
        device.Launch(Encode<TStorage, TElement>, ((threads - 1) / device.GroupSize) + 1, arguments);
    }

    private static void Encode<TStorage, TElement>(Arguments<TStorage> arguments)
        where TStorage : unmanaged
        where TElement : struct, IElement<TStorage>
    {
        ArrayView<float> thresholds = CanonicalView.Share(arguments.Search.Thresholds, DataType.MaxEntries);
        ArrayView<int> codes = SharedMemory.Allocate<int>(DataType.MaxEntries);
        for (int rank = Group.IdxX; rank < DataType.MaxEntries; rank += Group.DimX)
            codes[rank] = arguments.Search.RankToCode[rank];
        Group.Barrier();
        CanonicalView tensor = arguments.Tensor;
        long start = arguments.Start + ((((long)Grid.IdxX * Group.DimX) + Group.IdxX) * ElementsPerThread);
        long end = IntrinsicMath.Min(start + ElementsPerThread, arguments.Length);
        long word = start / ElementsPerThread * tensor.Bits;
        ulong buffer = 0;
        int filled = 0;
        for (long i = start; i < end; i++)
        {
            int block = (int)i / tensor.BlockSize;
            float constant = tensor.Constants.Read(block);
            float offset = tensor.HasOffsets == 0 ? 0 : tensor.Offsets.Read(block);
            float value = default(TElement).Widen(arguments.Source[i]);
            int code = constant == 0 ? 0 : codes[Rank((value - offset) * (1 / constant), thresholds, arguments.Search.LevelCount)];
            buffer |= (ulong)code << filled;
            filled += tensor.Bits;
            if (filled >= 32)
            {
                tensor.Words[word++] = (uint)buffer;
                buffer >>= 32;
                filled -= 32;
            }
        }

        // The codes of a last, short run.
        if (filled > 0)
            tensor.Words[word] = (uint)buffer;
    }

    /// <summary>How many thresholds lie below a value: <see cref="SortedCodebook.Nearest"/>.</summary>
    private static int Rank(float value, ArrayView<float> thresholds, int levels)
    {
        int rank = 0;
        for (int step = 1 << levels >> 1; step > 0; step >>= 1)
        {
            if (value > thresholds[rank + step - 1])
                rank += step;
        }

        return rank;
    }

    /// <summary>The kernel's parameter.</summary>
    internal struct Arguments<TStorage>
        where TStorage : unmanaged
    {
        public ArrayView<TStorage> Source;

        /// <summary>Has the constants and offsets; receives the codes.</summary>
        public CanonicalView Tensor;

        public SearchView Search;
        public int Length;

        /// <summary>The first element to encode: a multiple of <see cref="ElementsPerThread"/>.</summary>
        public int Start;
    }
}
