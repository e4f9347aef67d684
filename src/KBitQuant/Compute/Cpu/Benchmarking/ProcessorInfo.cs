using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text;

namespace KBitQuant.Compute.Cpu.Benchmarking;

/// <summary>What the processor says of itself.</summary>
internal static class ProcessorInfo
{
    private const int CachesOver = 4;

    /// <summary>Assumed where the processor does not say: more than most have for one core.</summary>
    private const long UsualLastLevelCache = 40 << 20;

    /// <summary>The processor's own name and family; virtual machines often leave only the family to tell generations apart.</summary>
    public static string Name { get; } = X86Base.IsSupported ? $"{BrandString()} (family {Family()})" : $"{RuntimeInformation.ProcessArchitecture}";

    /// <summary>Whether the processor tells the sizes of its caches.</summary>
    public static bool IsCacheKnown => KnownCacheBytes > 0;

    /// <summary>Bytes of the caches of the last level, all of them together.</summary>
    public static long LastLevelCacheBytes => IsCacheKnown ? KnownCacheBytes : UsualLastLevelCache;

    /// <summary>Bytes over which a benchmark rotates to find memory in no cache.</summary>
    public static long RotationBytes => CachesOver * LastLevelCacheBytes;

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

    /// <summary>The deterministic cache parameters: leaf 4 of Intel's processors, leaf 0x8000001D of AMD's, in the same form. The largest
    /// cache counts once for each set of logical processors that share one.</summary>
    private static long CacheBytes()
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

        return largest * ((Environment.ProcessorCount + sharing - 1) / sharing);
    }
}
