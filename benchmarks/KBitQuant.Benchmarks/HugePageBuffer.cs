using System.Runtime.InteropServices;

namespace KBitQuant.Benchmarks;

/// <summary>Memory in huge pages where the system has them: small ones cost a third of the rate at which memory can be read.</summary>
internal sealed unsafe partial class HugePageBuffer : IDisposable
{
    private const int HugePage = 2 << 20;

    /// <summary>MADV_HUGEPAGE.</summary>
    private const int UseHugePages = 14;

    public HugePageBuffer(long bytes)
    {
        Pointer = (float*)NativeMemory.AlignedAlloc((nuint)bytes, HugePage);
        // Where it is refused, the memory is as good without.
        if (OperatingSystem.IsLinux())
            _ = Advise(Pointer, (nuint)bytes, UseHugePages);
        // Memory never written is one page of zeros.
        NativeMemory.Fill(Pointer, (nuint)bytes, 1);
    }

    public float* Pointer { get; }

    public void Dispose() => NativeMemory.AlignedFree(Pointer);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(void* address, nuint length, int advice);
}
