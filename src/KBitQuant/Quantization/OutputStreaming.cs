using System.Runtime.Intrinsics.X86;
using KBitQuant.Threading;

namespace KBitQuant.Quantization;

/// <summary>
/// Storing past the caches. An ordinary store reads its line first, which halves the rate of writing to memory; but what is written is then
/// in the caches for whoever reads it next. So large outputs alone are streamed.
/// </summary>
internal static unsafe class OutputStreaming
{
    /// <summary>Of the processors' share of the last-level cache; what comes next has the rest.</summary>
    private const int SharesOfCache = 4;

    /// <summary>The most that counts as a processor's share. A virtual machine is told the cache of its whole host, which others use too.</summary>
    private const long MostCacheOfProcessor = 16 << 20;

    private const int PageBytes = 4096;

    /// <summary>Less is not worth the fences.</summary>
    private const long LeastBytes = 1 << 20;

    /// <summary>Bytes from which on outputs are streamed.</summary>
    public static readonly long Threshold = ThresholdOf(LastLevelCache.ShareBytes, Environment.ProcessorCount);

    /// <summary>The threshold for some processors and what the system tells of their cache.</summary>
    public static long ThresholdOf(long shareBytes, int processors) =>
        Math.Max(Math.Min(shareBytes, processors * MostCacheOfProcessor) / SharesOfCache, LeastBytes);

    /// <summary>Whether an output should be streamed.</summary>
    public static bool Suits(void* output, long bytes) => Avx2.IsSupported && bytes >= Threshold && (nuint)output % sizeof(float) == 0;

    /// <summary>Floats from the last multiple of <paramref name="alignment"/> bytes to an address.</summary>
    public static int LanesBeyond(void* address, int alignment) => (int)((nuint)address % (nuint)alignment / sizeof(float));

    /// <summary>Has the processor look up the addresses of pages before they are written: a store that waits for its address holds up all that
    /// comes after it. That costs a line of each page, read for nothing.</summary>
    public static void FindPages(void* start, int bytes)
    {
        for (int at = 0; at < bytes; at += PageBytes)
            Sse.PrefetchNonTemporal((byte*)start + at);
    }
}
