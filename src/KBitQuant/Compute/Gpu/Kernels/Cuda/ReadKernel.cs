using ILGPU;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda;

/// <summary>Reads memory and does nothing with it: the ceiling of kernels that are bound by reading.</summary>
internal static class ReadKernel
{
    public const int GroupSize = 256;

    /// <summary>16-byte words that a thread has in flight.</summary>
    public const int WordsInFlight = 8;

    public static void Run(Arguments arguments)
    {
        long stride = (long)Grid.DimX * GroupSize * 16;
        long at = arguments.Address + ((((long)Grid.IdxX * GroupSize) + Group.IdxX) * 16);
        long end = arguments.Address + arguments.Bytes;
        uint sum = 0;
        for (; at < end; at += stride * WordsInFlight)
        {
            Words4 a = PtxMemory.LoadOnce4(at);
            Words4 b = PtxMemory.LoadOnce4(at + stride);
            Words4 c = PtxMemory.LoadOnce4(at + (2 * stride));
            Words4 d = PtxMemory.LoadOnce4(at + (3 * stride));
            Words4 e = PtxMemory.LoadOnce4(at + (4 * stride));
            Words4 f = PtxMemory.LoadOnce4(at + (5 * stride));
            Words4 g = PtxMemory.LoadOnce4(at + (6 * stride));
            Words4 h = PtxMemory.LoadOnce4(at + (7 * stride));
            sum ^= Fold(a) ^ Fold(b) ^ Fold(c) ^ Fold(d) ^ Fold(e) ^ Fold(f) ^ Fold(g) ^ Fold(h);
        }

        // Never so, but no compiler knows.
        if (sum == 0x7FFF_FFFF && arguments.Bytes == 1)
            PtxMemory.StoreShort(arguments.Address, sum);
    }

    private static uint Fold(Words4 words) => words.X ^ words.Y ^ words.Z ^ words.W;

    /// <summary>The parameter.</summary>
    internal struct Arguments
    {
        /// <summary>What to read.</summary>
        public long Address;

        /// <summary>Its length: a multiple of 16 * <see cref="WordsInFlight"/> * all threads.</summary>
        public long Bytes;
    }
}
