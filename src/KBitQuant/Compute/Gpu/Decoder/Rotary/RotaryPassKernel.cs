using System.Diagnostics.CodeAnalysis;
using ILGPU;
using KBitQuant.Compute.Gpu.Kernels.Platforms;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Decoder.Rotary;

/// <summary>
/// <see cref="RotaryKernel"/> on GPUs of NVIDIA, where all is a multiple of 8 elements. A group takes a head of 32 tokens, query heads first,
/// then those of keys, then of values; a thread takes 8 elements at a time, with the 8 that they turn with. For keys lanes are tokens, which
/// lie side by side in the cache; otherwise they follow one another in the head.
/// </summary>
[RequiresDynamicCode(GpuDevice.NeedsDynamicCode)]
internal static class RotaryPassKernel
{
    /// <summary>Elements that a thread takes together.</summary>
    public const int Unit = 8;

    private const int GroupSize = 256;
    private const int GroupTokens = 32;

    public static CudaKernel<RotaryAddresses> Kernel { get; } = new("cuda-rotary", Run, GroupSize);

    /// <summary>Puts it into the stream, within a call; false where the device or its driver does not allow it, or where not all that it
    /// reads and writes lies at multiples of its unit.</summary>
    public static bool TryRun(GpuDevice device, RotaryArguments arguments) =>
        (arguments.QueryStride | arguments.KeyStride | arguments.HeadStride | arguments.KeyOffset | arguments.ValueOffset | arguments.HeadSize
            | arguments.PairCount) % Unit == 0
        && Kernel.TryLaunch(
            device,
            (((arguments.Tokens - 1) / GroupTokens) + 1, arguments.HeadCount + (2 * arguments.KeyValueHeadCount)),
            RotaryAddresses.Of(arguments));

    private static void Run(RotaryAddresses arguments)
    {
        PtxGrid.LetNextBegin();
        PtxGrid.WaitForPrevious();
        int firstToken = Grid.IdxX * GroupTokens;
        int known = (int)PtxMemory.Load(arguments.Step + (StepLayout.Position * sizeof(int)));
        int key = Grid.IdxY - arguments.HeadCount;
        int value = key - arguments.KeyValueHeadCount;
        int units = value >= 0 ? arguments.HeadSize / Unit : arguments.UnitCount;
        for (int i = Group.IdxX; i < GroupTokens * units; i += GroupSize)
        {
            bool isKey = key >= 0 && value < 0;
            int unit = isKey ? i / GroupTokens : i % units;
            int token = firstToken + (isKey ? i % GroupTokens : i / units);
            if (token >= arguments.Tokens)
                continue;
            if (key < 0)
                TurnQuery(arguments, Grid.IdxY, token, unit, known + token);
            else if (value < 0)
                AppendKey(arguments, key, token, unit, known + token);
            else
                AppendValue(arguments, value, token, unit, known + token);
        }
    }

    private static void TurnQuery(RotaryAddresses arguments, int head, int token, int unit, int position)
    {
        long from = arguments.Queries + ((((long)token * arguments.QueryStride) + ((long)head * arguments.HeadStride)) * sizeof(ushort));
        long to = arguments.Rotated + ((((long)token * arguments.HeadCount) + head) * arguments.HeadSize * sizeof(ushort));
        var turned = RotaryUnit.Load(arguments, from, unit, position, arguments.Scale);
        PtxMemory.Store4(to + (arguments.FirstOf(unit) * (long)sizeof(ushort)), turned.First);
        if (arguments.IsPair(unit))
            PtxMemory.Store4(to + (arguments.SecondOf(unit) * (long)sizeof(ushort)), turned.Second);
    }

    private static void AppendKey(RotaryAddresses arguments, int head, int token, int unit, int position)
    {
        long from = arguments.Keys + ((((long)token * arguments.KeyStride) + ((long)head * arguments.HeadStride)) * sizeof(ushort));
        long to = arguments.CachedKeys + ((((long)head * arguments.HeadSize * arguments.Capacity) + position) * sizeof(ushort));
        long step = arguments.Capacity * (long)sizeof(ushort);
        var turned = RotaryUnit.Load(arguments, from, unit, position, 1);
        StoreColumn(to + (arguments.FirstOf(unit) * step), step, turned.First);
        if (arguments.IsPair(unit))
            StoreColumn(to + (arguments.SecondOf(unit) * step), step, turned.Second);
    }

    private static void AppendValue(RotaryAddresses arguments, int head, int token, int unit, int position)
    {
        long from = arguments.Values + ((((long)token * arguments.KeyStride) + ((long)head * arguments.HeadStride) + (unit * Unit)) * sizeof(ushort));
        long to = arguments.CachedValues + ((((((long)head * arguments.Capacity) + position) * arguments.HeadSize) + (unit * Unit)) * sizeof(ushort));
        PtxMemory.Store4(to, PtxMemory.LoadIf4(from, 1));
    }

    /// <summary>Stores eight halves a step apart.</summary>
    private static void StoreColumn(long to, long step, Words4 halves)
    {
        StorePair(to, step, halves.X);
        StorePair(to + (2 * step), step, halves.Y);
        StorePair(to + (4 * step), step, halves.Z);
        StorePair(to + (6 * step), step, halves.W);
    }

    private static void StorePair(long to, long step, uint halves)
    {
        PtxMemory.StoreShort(to, halves);
        PtxMemory.StoreShort(to + step, halves >> 16);
    }
}
