using System.Runtime.InteropServices;

namespace KBitQuant.Benchmarks.Throughput;

/// <summary>What becomes of native memory that is freed. Given back, it comes anew for the next weight, page by page, and in a virtual machine from the
/// host: that takes longer than preparing the weight, now for one row and now for another.</summary>
internal static partial class FreedMemory
{
    /// <summary>M_TRIM_THRESHOLD of glibc: what is free beyond it is given back.</summary>
    private const int TrimThreshold = -1;

    /// <summary>M_MMAP_THRESHOLD of glibc: larger pieces are given back one by one.</summary>
    private const int MapThreshold = -3;

    /// <summary>The largest that glibc takes.</summary>
    private const int LargestMapThreshold = 32 << 20;

    /// <summary>Has the allocator keep it, where it is glibc's.</summary>
    public static void Keep()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal))
            return;
        _ = SetOption(MapThreshold, LargestMapThreshold);
        _ = SetOption(TrimThreshold, int.MaxValue);
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetOption(int option, int value);
}
