using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace KBitQuant.Quantization;

/// <summary>Asks for the lines that a loop is going to write: the store buffer holds few that miss the caches, and then the loop stands still.</summary>
internal static unsafe class OutputPrefetch
{
    private const int DistanceBytes = 4096;

    /// <summary>The line some way ahead of the next output.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Ahead(void* output)
    {
        if (Sse.IsSupported)
            Sse.Prefetch1((byte*)output + DistanceBytes);
    }
}
