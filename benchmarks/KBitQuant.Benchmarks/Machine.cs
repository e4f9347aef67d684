using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text;
using System.Text.RegularExpressions;

namespace KBitQuant.Benchmarks;

/// <summary>What this machine is.</summary>
internal static partial class Machine
{
    private const int CachesOver = 4;
    private const string ProcessorList = "/proc/cpuinfo";

    /// <summary>Assumed where the processor does not say: more than most have for one core.</summary>
    private const long UsualLastLevelCache = 40 << 20;

    /// <summary>The processor's own name and family; virtual machines often leave only the family to tell generations apart.</summary>
    public static string Processor { get; } = X86Base.IsSupported ? $"{BrandString()} (family {Family()})" : $"{RuntimeInformation.ProcessArchitecture}";

    /// <summary>Processors of the machine, of which the runtime may be told to use fewer.</summary>
    public static int Cores { get; } = File.Exists(ProcessorList)
        ? File.ReadLines(ProcessorList).Count(line => line.StartsWith("processor", StringComparison.Ordinal))
        : Environment.ProcessorCount;

    /// <summary>A folder name for results.</summary>
    public static string Slug { get; } = NotAlphanumeric().Replace($"{TradeMark().Replace(Processor, "")} {Cores} cores".ToLowerInvariant(), "-");

    /// <summary>The size of the largest cache, for people.</summary>
    public static string LastLevelCache => $"largest cache {(KnownCacheBytes > 0 ? "" : "not told, taken for ")}{LastLevelCacheBytes >> 20} MiB";

    /// <summary>Bytes over which a benchmark rotates to find memory in no cache.</summary>
    public static long RotationBytes => CachesOver * LastLevelCacheBytes;

    private static long LastLevelCacheBytes => KnownCacheBytes > 0 ? KnownCacheBytes : UsualLastLevelCache;

    /// <summary>0 where the processor does not tell.</summary>
    private static long KnownCacheBytes { get; } = X86Base.IsSupported ? CacheBytes() : 0;

    private static string BrandString()
    {
        var bytes = new byte[48];
        for (int leaf = 0; leaf < 3; leaf++)
        {
            (int a, int b, int c, int d) = X86Base.CpuId(unchecked((int)0x8000_0002) + leaf, 0);
            int[] registers = [a, b, c, d];
            for (int i = 0; i < registers.Length; i++)
                BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan((leaf * 16) + (i * sizeof(int))), registers[i]);
        }

        return Encoding.ASCII.GetString(bytes).Trim('\0', ' ');
    }

    /// <summary>The base family, and the extended family where the base is full.</summary>
    private static int Family()
    {
        int signature = X86Base.CpuId(1, 0).Eax;
        int family = (signature >> 8) & 0xf;
        return family == 0xf ? family + ((signature >> 20) & 0xff) : family;
    }

    /// <summary>The deterministic cache parameters: leaf 4 of Intel's processors, leaf 0x8000001D of AMD's, in the same form.</summary>
    private static long CacheBytes()
    {
        long largest = 0;
        foreach (int leaf in new[] { 4, unchecked((int)0x8000_001D) })
        {
            if ((uint)X86Base.CpuId(leaf & int.MinValue, 0).Eax < (uint)leaf)
                continue;
            for (int index = 0; X86Base.CpuId(leaf, index) is var cache && (cache.Eax & 0x1f) is > 0 and < 4; index++)
            {
                long ways = (cache.Ebx >>> 22) + 1, partitions = ((cache.Ebx >> 12) & 0x3ff) + 1, line = (cache.Ebx & 0xfff) + 1;
                largest = Math.Max(largest, ways * partitions * line * ((long)(uint)cache.Ecx + 1));
            }
        }

        return largest;
    }

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex NotAlphanumeric();

    [GeneratedRegex(@"\((R|TM|r|tm)\)|CPU|Processor|@.*Hz|[()]")]
    private static partial Regex TradeMark();
}
