using ILGPU;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Tables;

/// <summary>Entries of a table in shared memory.</summary>
internal static class Entry
{
    /// <summary>Bytes from one entry to the next, so that the symbol is the second byte of an address.</summary>
    private const int Stride = 256;

    // Byte 0, 2 and 3 of the lane's address (b), byte i of the symbols (a).
    private const uint Byte0 = 0x7604;
    private const uint Byte1 = 0x7614;
    private const uint Byte2 = 0x7624;
    private const uint Byte3 = 0x7634;

    /// <summary>The entry's address for symbol 0 of four.</summary>
    public static uint Address0(uint symbols, uint lane) => PtxBits.Permute(symbols, lane, Byte0);

    /// <summary>The entry's address for symbol 1 of four.</summary>
    public static uint Address1(uint symbols, uint lane) => PtxBits.Permute(symbols, lane, Byte1);

    /// <summary>The entry's address for symbol 2 of four.</summary>
    public static uint Address2(uint symbols, uint lane) => PtxBits.Permute(symbols, lane, Byte2);

    /// <summary>The entry's address for symbol 3 of four.</summary>
    public static uint Address3(uint symbols, uint lane) => PtxBits.Permute(symbols, lane, Byte3);

    /// <summary>Fills a table of 4-byte entries: two threads write an entry's 32 copies, each beginning with another four of them, so that eight threads meet all
    /// banks.</summary>
    public static void FillWords(long source, uint table, int thread, int groupSize)
    {
        const int Halves = 2 * 256;
        for (int i = thread; i < Halves; i += 2 * groupSize)
        {
            int next = IntrinsicMath.Min(i + groupSize, Halves - 1);
            uint first = PtxMemory.LoadConstant(source + ((i & 255) * 4));
            uint second = PtxMemory.LoadConstant(source + ((next & 255) * 4));
            StoreHalf(table, i, first);
            if (i + groupSize < Halves)
                StoreHalf(table, next, second);
        }

        static void StoreHalf(uint table, int half, uint word)
        {
            int entry = half & 255;
            uint at = table + (uint)(entry * Stride);
            int copy = (half >> 8 << 2) + entry;
            Store(at + (uint)((copy & 7) * 16), word, word);
            Store(at + (uint)(((copy + 1) & 7) * 16), word, word);
            Store(at + (uint)(((copy + 2) & 7) * 16), word, word);
            Store(at + (uint)(((copy + 3) & 7) * 16), word, word);
        }
    }

    /// <summary>Fills a table of 8-byte entries: sixteen threads write an entry's 32 copies.</summary>
    public static void FillPairs(long source, uint table, int thread, int groupSize)
    {
        const int Stores = 256 * 16;
        for (int i = thread; i < Stores; i += 2 * groupSize)
        {
            int next = IntrinsicMath.Min(i + groupSize, Stores - 1);
            Words2 first = PtxMemory.LoadConstant2(source + ((i >> 4) * 8));
            Words2 second = PtxMemory.LoadConstant2(source + ((next >> 4) * 8));
            Store(table + (uint)(i * 16), first.X, first.Y);
            if (i + groupSize < Stores)
                Store(table + (uint)(next * 16), second.X, second.Y);
        }
    }

    private static void Store(uint address, uint x, uint y) =>
        PtxMemory.StoreShared4(address, new Words4 { X = x, Y = y, Z = x, W = y });
}
