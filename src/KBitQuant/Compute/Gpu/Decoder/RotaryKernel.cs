using System.Diagnostics.CodeAnalysis;
using ILGPU;

namespace KBitQuant.Compute.Gpu.Decoder;

/// <summary>
/// Turns queries and keys to their positions (rotary embedding, arXiv 2104.09864), scales queries by 1 / sqrt(head size), and appends
/// keys and values to the cache. A group for each token and head, query heads first, then key and value heads.
/// </summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal static class RotaryKernel
{
    private const int GroupSize = 64;

    public static PlatformKernel<Arguments> Kernel { get; } = new(Run<PortablePlatform>, Run<CudaPlatform>, GroupSize);

    private static void Run<TPlatform>(Arguments arguments)
        where TPlatform : struct, IGpuPlatform
    {
        TPlatform platform = default;
        platform.Begin();
        int heads = arguments.HeadCount + arguments.KeyValueHeadCount;
        int token = Grid.IdxX / heads;
        int head = Grid.IdxX % heads;
        int position = arguments.Step[StepLayout.Position] + token;
        int size = arguments.HeadSize;
        if (head < arguments.HeadCount)
        {
            long query = ((long)token * arguments.QueryStride) + ((long)head * arguments.HeadStride);
            long output = (((long)token * arguments.HeadCount) + head) * size;
            for (int i = Group.IdxX; i < size; i += Group.DimX)
                arguments.Rotated[output + i] = Turn<TPlatform>(arguments, arguments.Queries, query, i, position) * arguments.Scale;
            return;
        }

        head -= arguments.HeadCount;
        long key = ((long)token * arguments.KeyStride) + ((long)head * arguments.HeadStride) + arguments.KeyOffset;
        long value = ((long)token * arguments.KeyStride) + ((long)head * arguments.HeadStride) + arguments.ValueOffset;
        long cached = (long)head * size * arguments.Capacity;
        for (int i = Group.IdxX; i < size; i += Group.DimX)
        {
            arguments.CachedKeys[cached + ((long)i * arguments.Capacity) + position] =
                platform.Round(Turn<TPlatform>(arguments, arguments.Keys, key, i, position));
            arguments.CachedValues[cached + ((long)position * size) + i] = arguments.Values[value + i];
        }
    }

    /// <summary>Element i of a head at a position: pairs are half the rotated part apart.</summary>
    private static float Turn<TPlatform>(Arguments arguments, ArrayView<ushort> heads, long start, int i, int position)
        where TPlatform : struct, IGpuPlatform
    {
        TPlatform platform = default;
        float own = platform.Widen(heads[start + i]);
        int pairs = arguments.PairCount;
        if (i >= 2 * pairs)
            return own;
        int pair = i < pairs ? i : i - pairs;
        float other = platform.Widen(heads[start + (i < pairs ? i + pairs : pair)]);
        long angle = ((long)position * pairs) + pair;
        float turned = other * arguments.Sines[angle];
        return (own * arguments.Cosines[angle]) + (i < pairs ? -turned : turned);
    }

    /// <summary>The kernel's parameter. Element i of head h of token t lies at t * stride + h * <see cref="HeadStride"/> + i, in keys
    /// and values after their offset.</summary>
    internal struct Arguments : IKernelArguments
    {
        /// <summary>The pass (<see cref="StepLayout"/>).</summary>
        public ArrayView<int> Step;

        /// <summary>Halves.</summary>
        public ArrayView<ushort> Queries;

        /// <summary>Halves; may be the same as the queries.</summary>
        public ArrayView<ushort> Keys;

        /// <summary>Halves; may be the same as the queries.</summary>
        public ArrayView<ushort> Values;

        /// <summary>Of each position and pair, [positions, pairs].</summary>
        public ArrayView<float> Cosines;

        /// <summary>Of each position and pair, [positions, pairs].</summary>
        public ArrayView<float> Sines;

        /// <summary>Receives the queries, [tokens, heads, head size].</summary>
        public ArrayView<float> Rotated;

        /// <summary>Receives the keys, halves, [heads, head size, capacity]: scores are computed with a thread for each
        /// position.</summary>
        public ArrayView<ushort> CachedKeys;

        /// <summary>Receives the values, halves, [heads, capacity, head size].</summary>
        public ArrayView<ushort> CachedValues;

        public int QueryStride;
        public int KeyStride;
        public int HeadStride;
        public int KeyOffset;
        public int ValueOffset;
        public int HeadCount;
        public int KeyValueHeadCount;
        public int HeadSize;

        /// <summary>Pairs that are turned, from the first elements of a head.</summary>
        public int PairCount;

        /// <summary>Positions of the cache.</summary>
        public int Capacity;

        /// <summary>What queries are multiplied with.</summary>
        public float Scale;

        public readonly void Write(ref ArgumentWriter writer)
        {
            writer.Add(Step);
            writer.Add(Queries);
            writer.Add(Keys);
            writer.Add(Values);
            writer.Add(Cosines);
            writer.Add(Sines);
            writer.Add(Rotated);
            writer.Add(CachedKeys);
            writer.Add(CachedValues);
            writer.Add(QueryStride);
            writer.Add(KeyStride);
            writer.Add(HeadStride);
            writer.Add(KeyOffset);
            writer.Add(ValueOffset);
            writer.Add(HeadCount);
            writer.Add(KeyValueHeadCount);
            writer.Add(HeadSize);
            writer.Add(PairCount);
            writer.Add(Capacity);
            writer.Add(Scale);
        }
    }
}
