using System.Runtime.Intrinsics.X86;

namespace KBitQuant.Threading;

/// <summary>What the processor says of its largest cache.</summary>
internal static class LastLevelCache
{
    /// <summary>Assumed where the processor does not say: more than most have for one core.</summary>
    private const long UsualBytes = 40 << 20;

    private static readonly (long Bytes, int Sharing) Told = X86Base.IsSupported ? Largest() : (0, 1);

    /// <summary>Whether the processor tells its size.</summary>
    public static bool IsKnown => Told.Bytes > 0;

    /// <summary>Bytes of all of them together.</summary>
    public static long Bytes => IsKnown ? Told.Bytes * ((Environment.ProcessorCount + Told.Sharing - 1) / Told.Sharing) : UsualBytes;

    /// <summary>The part that falls to the processors that work for this process.</summary>
    public static long ShareBytes => IsKnown ? Told.Bytes * Environment.ProcessorCount / Told.Sharing : UsualBytes;

    /// <summary>The deterministic cache parameters: leaf 4 of Intel's processors, leaf 0x8000001D of AMD's, in the same form.</summary>
    /// <returns>The bytes of one, and how many logical processors share it.</returns>
    private static (long Bytes, int Sharing) Largest()
    {
        long largest = 0;
        int sharing = 1;
        foreach (int leaf in new[] { 4, unchecked((int)0x8000_001D) })
        {
            if ((uint)X86Base.CpuId(leaf & int.MinValue, 0).Eax < (uint)leaf)
                continue;
            for (int index = 0; X86Base.CpuId(leaf, index) is var cache && (cache.Eax & 0x1f) is > 0 and < 4; index++)
            {
                long ways = (cache.Ebx >>> 22) + 1, partitions = ((cache.Ebx >> 12) & 0x3ff) + 1, line = (cache.Ebx & 0xfff) + 1;
                long bytes = ways * partitions * line * ((long)(uint)cache.Ecx + 1);
                if (bytes > largest)
                    (largest, sharing) = (bytes, ((cache.Eax >> 14) & 0xfff) + 1);
            }
        }

        return (largest, sharing);
    }
}
