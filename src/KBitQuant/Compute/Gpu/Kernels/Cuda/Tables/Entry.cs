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
    public static void FillWords(long source, uint table, int thread)
    {
        const int Step = 64;
        int entry = thread / 8;
        // All loads before the first store, so that their latencies overlap.
        uint first = PtxMemory.LoadConstant(source + (entry * 4));
        uint second = PtxMemory.LoadConstant(source + ((entry + Step) * 4));
        uint third = PtxMemory.LoadConstant(source + ((entry + (2 * Step)) * 4));
        uint fourth = PtxMemory.LoadConstant(source + ((entry + (3 * Step)) * 4));
        uint at = table + (uint)((entry * Stride) + (thread % 8 * 16));
        Store(at, first, first);
        Store(at + (Step * Stride), second, second);
        Store(at + (2 * Step * Stride), third, third);
        Store(at + (3 * Step * Stride), fourth, fourth);
    }

    /// <summary>Fills a table of 8-byte entries: sixteen threads write an entry's 32 copies.</summary>
    public static void FillPairs(long source, uint table, int thread)
    {
        FillHalfOfPairs(source, table, thread);
        FillHalfOfPairs(source + (128 * 8), table + (128 * Stride), thread);
    }

    private static void FillHalfOfPairs(long source, uint table, int thread)
    {
        const int Step = 32;
        int entry = thread / 16;
        Words2 first = PtxMemory.LoadConstant2(source + (entry * 8));
        Words2 second = PtxMemory.LoadConstant2(source + ((entry + Step) * 8));
        Words2 third = PtxMemory.LoadConstant2(source + ((entry + (2 * Step)) * 8));
        Words2 fourth = PtxMemory.LoadConstant2(source + ((entry + (3 * Step)) * 8));
        uint at = table + (uint)((entry * Stride) + (thread % 16 * 16));
        Store(at, first.X, first.Y);
        Store(at + (Step * Stride), second.X, second.Y);
        Store(at + (2 * Step * Stride), third.X, third.Y);
        Store(at + (3 * Step * Stride), fourth.X, fourth.Y);
    }

    private static void Store(uint address, uint x, uint y) =>
        PtxMemory.StoreShared4(address, new Words4 { X = x, Y = y, Z = x, W = y });
}
