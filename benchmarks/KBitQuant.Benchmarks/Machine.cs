using System.Text.RegularExpressions;
using KBitQuant.Compute.Cpu.Benchmarking;
using KBitQuant.Threading;

namespace KBitQuant.Benchmarks;

/// <summary>What this machine is.</summary>
internal static partial class Machine
{
    private const string ProcessorList = "/proc/cpuinfo";

    /// <summary>Processors of the machine, of which the runtime may be told to use fewer.</summary>
    public static int Cores { get; } = File.Exists(ProcessorList)
        ? File.ReadLines(ProcessorList).Count(line => line.StartsWith("processor", StringComparison.Ordinal))
        : Environment.ProcessorCount;

    /// <summary>A folder name for results.</summary>
    public static string Slug { get; } = NotAlphanumeric().Replace($"{TradeMark().Replace(ProcessorInfo.Name, "")} {Cores} cores".ToLowerInvariant(), "-");

    /// <summary>The size of the largest caches, for people.</summary>
    public static string CacheSize =>
        $"largest cache {(LastLevelCache.IsKnown ? "" : "not told, taken for ")}{LastLevelCache.Bytes >> 20} MiB";

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex NotAlphanumeric();

    [GeneratedRegex(@"\((R|TM|r|tm)\)|CPU|Processor|@.*Hz|[()]")]
    private static partial Regex TradeMark();
}
