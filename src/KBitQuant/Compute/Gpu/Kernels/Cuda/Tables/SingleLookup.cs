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

    public Symbols Exchange(Symbols symbols, int lane) => symbols;

    public QuarterValues FirstQuarter(Symbols symbols, uint lane) => QuarterValues.Join(DecodeFirst(symbols.Low, lane), DecodeFirst(symbols.High, lane));

    public QuarterValues SecondQuarter(Symbols symbols, uint lane) => QuarterValues.Join(DecodeSecond(symbols.Low, lane), DecodeSecond(symbols.High, lane));

    public QuarterValues ThirdQuarter(Symbols symbols, uint lane) => QuarterValues.Join(DecodeFirst(symbols.LowRest, lane), DecodeFirst(symbols.HighRest, lane));

    public QuarterValues FourthQuarter(Symbols symbols, uint lane) => QuarterValues.Join(DecodeSecond(symbols.LowRest, lane), DecodeSecond(symbols.HighRest, lane));

    public Words2 Registers(long source) => default;

    public QuarterValues LastColumns(Symbols symbols, uint lane, Words2 registers) => FourthQuarter(symbols, lane);

    public Words4 OrderLast(Words4 inputs) => inputs;

    /// <summary>Pairs of the first quarter that symbols are of.</summary>
    private static Words4 DecodeFirst(Words4 symbols, uint lane) => new()
    {
        X = Join(Entry.Address0(symbols.X, lane), Entry.Address1(symbols.X, lane)),
        Y = Join(Entry.Address0(symbols.Y, lane), Entry.Address1(symbols.Y, lane)),
        Z = Join(Entry.Address0(symbols.Z, lane), Entry.Address1(symbols.Z, lane)),
        W = Join(Entry.Address0(symbols.W, lane), Entry.Address1(symbols.W, lane)),
    };

    /// <summary>Pairs of the second one.</summary>
    private static Words4 DecodeSecond(Words4 symbols, uint lane) => new()
    {
        X = Join(Entry.Address2(symbols.X, lane), Entry.Address3(symbols.X, lane)),
        Y = Join(Entry.Address2(symbols.Y, lane), Entry.Address3(symbols.Y, lane)),
        Z = Join(Entry.Address2(symbols.Z, lane), Entry.Address3(symbols.Z, lane)),
        W = Join(Entry.Address2(symbols.W, lane), Entry.Address3(symbols.W, lane)),
    };

    private static uint Join(uint low, uint high) =>
        PtxBits.Permute(PtxMemory.LoadTable(low), PtxMemory.LoadTable(high), LowOfBoth);
}
