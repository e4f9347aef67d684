using KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Tables;

/// <summary>k = 2: a symbol is two codes of row g and two of row g + 8, an entry their four values, 8 bytes. The table's four values also fit into two registers, one
/// with their lower bytes and one with the upper ones: a byte permutation then looks up bytes of four codes.</summary>
internal readonly struct QuadLookup : ITableLookup
{
    private const int EntryBytes = 8;

    /// <summary>The symbol of four times code 1.</summary>
    private const int Repeated = 0x55;

    /// <summary>The first codes of both rows in four symbols, each in a nibble.</summary>
    private const uint FirstCodes = 0x3333_3333;

    // Bytes 0 and 1 of a and of b in turn; the first two of both, or the last two.
    private const uint InterleaveLow = 0x5140;
    private const uint FirstHalves = 0x5410;
    private const uint LastHalves = 0x7632;

    // Bytes 0 and 2, or 1 and 3, of a and of b in turn: of lower and upper bytes, two values of row g, or of row g + 8.
    private const uint LowRow = 0x6240;
    private const uint HighRow = 0x7351;

    public bool HasPairs => true;

    public void Fill(long source, uint table, int thread, int groupSize) => Entry.FillPairs(source, table, thread, groupSize);

    public uint LaneOffset(int lane) => (uint)lane * EntryBytes;

    public Symbols Exchange(Symbols symbols, int lane) => new()
    {
        Low = new()
        {
            X = QuadExchange.Bytes(symbols.Low.X, lane),
            Y = QuadExchange.Bytes(symbols.Low.Y, lane),
            Z = QuadExchange.Bytes(symbols.Low.Z, lane),
            W = QuadExchange.Bytes(symbols.Low.W, lane),
        },
    };

    public QuarterValues FirstQuarter(Symbols symbols, uint lane) => Decode(symbols.Low.X, lane);

    public QuarterValues SecondQuarter(Symbols symbols, uint lane) => Decode(symbols.Low.Y, lane);

    public QuarterValues ThirdQuarter(Symbols symbols, uint lane) => Decode(symbols.Low.Z, lane);

    public QuarterValues FourthQuarter(Symbols symbols, uint lane) => Decode(symbols.Low.W, lane);

    public Words2 Registers(long source)
    {
        const int Step = Repeated * EntryBytes;
        uint low = PtxBits.Permute(PtxMemory.LoadConstant(source), PtxMemory.LoadConstant(source + Step), InterleaveLow);
        uint high = PtxBits.Permute(PtxMemory.LoadConstant(source + (2 * Step)), PtxMemory.LoadConstant(source + (3 * Step)), InterleaveLow);
        return new() { X = PtxBits.Permute(low, high, FirstHalves), Y = PtxBits.Permute(low, high, LastHalves) };
    }

    /// <summary>By registers alone, since shared memory is the limit. Of each four consecutive columns of a row the first and the third share a register, and so do the
    /// second and the fourth.</summary>
    public QuarterValues LastColumns(Symbols symbols, uint lane, Words2 registers)
    {
        uint first = symbols.Low.W & FirstCodes;
        uint second = (symbols.Low.W >> 2) & FirstCodes;
        return new() { First = LookUp(first, second, registers), Second = LookUp(first >> 16, second >> 16, registers) };
    }

    public Words4 OrderLast(Words4 inputs) => new()
    {
        X = PtxBits.Permute(inputs.X, inputs.Y, FirstHalves),
        Y = PtxBits.Permute(inputs.X, inputs.Y, LastHalves),
        Z = PtxBits.Permute(inputs.Z, inputs.W, FirstHalves),
        W = PtxBits.Permute(inputs.Z, inputs.W, LastHalves),
    };

    /// <summary>The values of two symbols.</summary>
    /// <param name="first">The rows' first codes, in the lower four nibbles.</param>
    /// <param name="second">Their second ones.</param>
    /// <param name="registers">The table.</param>
    private static Words4 LookUp(uint first, uint second, Words2 registers)
    {
        uint firstLow = PtxBits.Permute(registers.X, 0, first);
        uint firstHigh = PtxBits.Permute(registers.Y, 0, first);
        uint secondLow = PtxBits.Permute(registers.X, 0, second);
        uint secondHigh = PtxBits.Permute(registers.Y, 0, second);
        return new()
        {
            X = PtxBits.Permute(firstLow, firstHigh, LowRow),
            Y = PtxBits.Permute(firstLow, firstHigh, HighRow),
            Z = PtxBits.Permute(secondLow, secondHigh, LowRow),
            W = PtxBits.Permute(secondLow, secondHigh, HighRow),
        };
    }

    /// <summary>The values of four symbols.</summary>
    private static QuarterValues Decode(uint symbols, uint lane) => new()
    {
        First = Load(Entry.Address0(symbols, lane), Entry.Address1(symbols, lane)),
        Second = Load(Entry.Address2(symbols, lane), Entry.Address3(symbols, lane)),
    };

    private static Words4 Load(uint first, uint second)
    {
        Words2 low = PtxMemory.LoadTable2(first);
        Words2 high = PtxMemory.LoadTable2(second);
        return new() { X = low.X, Y = low.Y, Z = high.X, W = high.Y };
    }
}
