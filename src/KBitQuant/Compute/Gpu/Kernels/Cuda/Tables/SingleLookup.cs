using KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Tables;

/// <summary>k = 5 to 8: a symbol is one code, an entry its value twice, 4 bytes.</summary>
internal readonly struct SingleLookup : ITableLookup
{
    /// <summary>The lower halves of a and of b.</summary>
    private const uint LowOfBoth = 0x5410;

    public bool HasPairs => false;

    public void Fill(long source, uint table, int thread, int groupSize) => Entry.FillWords(source, table, thread, groupSize);

    public uint LaneOffset(int lane) => (uint)lane * 4;

    public Symbols Exchange(Symbols symbols, int lane) =>
        new() { First = Exchange(symbols.First, lane), Second = Exchange(symbols.Second, lane) };

    public Words4 FirstQuarter(Symbols symbols, uint lane) => Decode(symbols.First.X, symbols.First.Y, lane);

    public Words4 SecondQuarter(Symbols symbols, uint lane) => Decode(symbols.First.Z, symbols.First.W, lane);

    public Words4 ThirdQuarter(Symbols symbols, uint lane) => Decode(symbols.Second.X, symbols.Second.Y, lane);

    public Words4 FourthQuarter(Symbols symbols, uint lane) => Decode(symbols.Second.Z, symbols.Second.W, lane);

    public RowChunk FirstChunk(Symbols symbols, uint lane) => new() { First = FirstQuarter(symbols, lane), Second = SecondQuarter(symbols, lane) };

    public RowChunk SecondChunk(Symbols symbols, uint lane) => new() { First = ThirdQuarter(symbols, lane), Second = FourthQuarter(symbols, lane) };

    public Words2 Registers(long source) => default;

    public Words4 LastColumns(Symbols symbols, Words2 registers) => default;

    private static Words4 Exchange(Words4 symbols, int lane)
    {
        Words2 low = QuadExchange.Halves(symbols.Low, lane);
        Words2 high = QuadExchange.Halves(symbols.High, lane);
        return new() { X = low.X, Y = low.Y, Z = high.X, W = high.Y };
    }

    private static Words4 Decode(uint low, uint high, uint lane) => new()
    {
        X = Join(Entry.Address0(low, lane), Entry.Address1(low, lane)),
        Y = Join(Entry.Address2(low, lane), Entry.Address3(low, lane)),
        Z = Join(Entry.Address0(high, lane), Entry.Address1(high, lane)),
        W = Join(Entry.Address2(high, lane), Entry.Address3(high, lane)),
    };

    private static uint Join(uint low, uint high) =>
        PtxBits.Permute(PtxMemory.LoadTable(low), PtxMemory.LoadTable(high), LowOfBoth);
}
