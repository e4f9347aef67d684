using KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Tables;

/// <summary>k = 2: a symbol is four codes, an entry their four values, 8 bytes. The table's four values also fit into two registers, one
/// with their lower bytes and one with the upper ones: a byte permutation then looks up bytes of four codes.</summary>
internal readonly struct QuadLookup : ITableLookup
{
    private const int EntryBytes = 8;

    /// <summary>The symbol of four times code 1.</summary>
    private const int Repeated = 0x55;

    /// <summary>Codes 0 and 2 of a symbol, each in a nibble.</summary>
    private const uint EveryOther = 0x3333_3333;

    // Bytes 0 and 1, or 2 and 3, of a and of b in turn; the first two of both, or the last two.
    private const uint InterleaveLow = 0x5140;
    private const uint InterleaveHigh = 0x7362;
    private const uint FirstHalves = 0x5410;
    private const uint LastHalves = 0x7632;

    public bool HasPairs => true;

    public void Fill(long source, uint table, int thread, int groupSize) => Entry.FillPairs(source, table, thread, groupSize);

    public uint LaneOffset(int lane) => (uint)lane * EntryBytes;

    public Symbols Exchange(Symbols symbols, int lane) => new()
    {
        First = new() { X = QuadExchange.Nibbles(symbols.First.X, lane), Y = QuadExchange.Nibbles(symbols.First.Y, lane) },
    };

    public Words4 FirstQuarter(Symbols symbols, uint lane) => Join(Entry.Address0(symbols.First.X, lane), Entry.Address1(symbols.First.X, lane));

    public Words4 SecondQuarter(Symbols symbols, uint lane) => Join(Entry.Address2(symbols.First.X, lane), Entry.Address3(symbols.First.X, lane));

    public Words4 ThirdQuarter(Symbols symbols, uint lane) => Join(Entry.Address0(symbols.First.Y, lane), Entry.Address1(symbols.First.Y, lane));

    public Words4 FourthQuarter(Symbols symbols, uint lane) => Join(Entry.Address2(symbols.First.Y, lane), Entry.Address3(symbols.First.Y, lane));

    public Words2 Registers(long source)
    {
        const int Step = Repeated * EntryBytes;
        uint low = PtxBits.Permute(PtxMemory.LoadConstant(source), PtxMemory.LoadConstant(source + Step), InterleaveLow);
        uint high = PtxBits.Permute(PtxMemory.LoadConstant(source + (2 * Step)), PtxMemory.LoadConstant(source + (3 * Step)), InterleaveLow);
        return new() { X = PtxBits.Permute(low, high, FirstHalves), Y = PtxBits.Permute(low, high, LastHalves) };
    }

    public Words4 LastColumns(Symbols symbols, Words2 registers)
    {
        uint last = symbols.First.Y >> 16;
        Words2 even = LookUp(last & EveryOther, registers);
        Words2 odd = LookUp((last >> 2) & EveryOther, registers);
        return new() { X = even.X, Y = odd.X, Z = even.Y, W = odd.Y };
    }

    /// <summary>The values of four codes, in the lower four nibbles.</summary>
    private static Words2 LookUp(uint codes, Words2 registers)
    {
        uint low = PtxBits.Permute(registers.X, 0, codes);
        uint high = PtxBits.Permute(registers.Y, 0, codes);
        return new() { X = PtxBits.Permute(low, high, InterleaveLow), Y = PtxBits.Permute(low, high, InterleaveHigh) };
    }

    private static Words4 Join(uint low, uint high)
    {
        Words2 first = PtxMemory.LoadTable2(low);
        Words2 second = PtxMemory.LoadTable2(high);
        return new() { X = first.X, Y = first.Y, Z = second.X, W = second.Y };
    }
}
