using ILGPU;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda;

/// <summary>Copies memory: the ceiling of kernels that are bound by reading and writing.</summary>
internal static class CopyKernel
{
    public const int GroupSize = 256;

    /// <summary>16-byte words that a thread has in flight.</summary>
    public const int WordsInFlight = 4;

    public static void Run(Arguments arguments)
    {
        long stride = (long)Grid.DimX * GroupSize * 16;
        long at = (((long)Grid.IdxX * GroupSize) + Group.IdxX) * 16;
        for (; at < arguments.Bytes; at += stride * WordsInFlight)
        {
            Words4 a = PtxMemory.LoadOnce4(arguments.Source + at);
            Words4 b = PtxMemory.LoadOnce4(arguments.Source + at + stride);
            Words4 c = PtxMemory.LoadOnce4(arguments.Source + at + (2 * stride));
            Words4 d = PtxMemory.LoadOnce4(arguments.Source + at + (3 * stride));
            PtxMemory.Store4(arguments.Destination + at, a);
            PtxMemory.Store4(arguments.Destination + at + stride, b);
            PtxMemory.Store4(arguments.Destination + at + (2 * stride), c);
            PtxMemory.Store4(arguments.Destination + at + (3 * stride), d);
        }
    }

    /// <summary>The parameter.</summary>
    internal struct Arguments
    {
        public long Source;
        public long Destination;

        /// <summary>A multiple of 16 * <see cref="WordsInFlight"/> * all threads.</summary>
        public long Bytes;
    }
}
