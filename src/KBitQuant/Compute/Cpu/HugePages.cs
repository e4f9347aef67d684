using System.Runtime.InteropServices;

namespace KBitQuant.Compute.Cpu;

/// <summary>Asks the system for huge pages under large buffers: with pages of 4 KB, finding their addresses takes up to a third of the
/// rate at which weights can be read.</summary>
internal static unsafe partial class HugePages
{
    private const nuint PageBytes = 2 << 20;

    /// <summary>MADV_HUGEPAGE of Linux.</summary>
    private const int UseHugePages = 14;

    /// <summary>Native memory, on huge pages where it holds whole ones and the system grants them; free it with
    /// <see cref="NativeMemory.AlignedFree"/>.</summary>
    public static void* Allocate(nuint bytes, nuint alignment)
    {
        if (bytes < PageBytes || !OperatingSystem.IsLinux())
            return NativeMemory.AlignedAlloc(bytes, alignment);
        void* pointer = NativeMemory.AlignedAlloc(bytes, PageBytes);
        // Where it is refused, the memory is as good without.
        _ = Advise(pointer, bytes, UseHugePages);
        return pointer;
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(void* address, nuint length, int advice);
}
