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

    /// <summary>Fills a table of 4-byte entries: eight threads write an entry's 32 copies.</summary>
    public static void FillWords(long source, uint table, int thread, int groupSize)
    {
        FillTwo(source, table, thread, groupSize);
        FillTwo(source, table, thread + (2 * groupSize), groupSize);
        if (groupSize < 512)
        {
            FillTwo(source, table, thread + (4 * groupSize), groupSize);
            FillTwo(source, table, thread + (6 * groupSize), groupSize);
        }
    }

    /// <summary>Fills a table of 8-byte entries: sixteen threads write an entry's 32 copies.</summary>
    public static void FillPairs(long source, uint table, int thread, int groupSize)
    {
        for (int i = thread; i < 256 * 16; i += 2 * groupSize)
        {
            Words2 first = PtxMemory.LoadConstant2(source + (i / 16 * 8));
            Words2 second = PtxMemory.LoadConstant2(source + ((i + groupSize) / 16 * 8));
            Store(table + (uint)(i * 16), first.X, first.Y);
            Store(table + (uint)((i + groupSize) * 16), second.X, second.Y);
        }
    }

    private static void FillTwo(long source, uint table, int thread, int groupSize)
    {
        int entry = thread / 8;
        int step = groupSize / 8;
        uint first = PtxMemory.LoadConstant(source + (entry * 4));
        uint second = PtxMemory.LoadConstant(source + ((entry + step) * 4));
        uint at = table + (uint)((entry * Stride) + (thread % 8 * 16));
        Store(at, first, first);
        Store(at + (uint)(step * Stride), second, second);
    }

    private static void Store(uint address, uint x, uint y) =>
        PtxMemory.StoreShared4(address, new Words4 { X = x, Y = y, Z = x, W = y });
}
