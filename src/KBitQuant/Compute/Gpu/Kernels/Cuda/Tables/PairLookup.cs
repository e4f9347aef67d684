using KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Tables;

/// <summary>k = 3 and 4: a symbol is two codes, an entry their two values, 4 bytes.</summary>
internal readonly struct PairLookup : ITableLookup
{
    public bool HasPairs => false;

    public void Fill(long source, uint table, int thread, int groupSize) => Entry.FillWords(source, table, thread, groupSize);

    public uint LaneOffset(int lane) => (uint)lane * 4;

    public Symbols Exchange(Symbols symbols, int lane) => symbols;

    public QuarterValues FirstQuarter(Symbols symbols, uint lane) => QuarterValues.Join(FirstQuarter(symbols.Low, lane), FirstQuarter(symbols.High, lane));

    public QuarterValues SecondQuarter(Symbols symbols, uint lane) => QuarterValues.Join(SecondQuarter(symbols.Low, lane), SecondQuarter(symbols.High, lane));

    public QuarterValues ThirdQuarter(Symbols symbols, uint lane) => QuarterValues.Join(ThirdQuarter(symbols.Low, lane), ThirdQuarter(symbols.High, lane));

    public QuarterValues FourthQuarter(Symbols symbols, uint lane) => QuarterValues.Join(FourthQuarter(symbols.Low, lane), FourthQuarter(symbols.High, lane));

    public Words2 Registers(long source) => default;

    public QuarterValues LastColumns(Symbols symbols, uint lane, Words2 registers) => FourthQuarter(symbols, lane);

    public Words4 OrderLast(Words4 inputs) => inputs;

    private static Words4 FirstQuarter(Words4 symbols, uint lane) => new()
    {
        X = PtxMemory.LoadTable(Entry.Address0(symbols.X, lane)),
        Y = PtxMemory.LoadTable(Entry.Address0(symbols.Y, lane)),
        Z = PtxMemory.LoadTable(Entry.Address0(symbols.Z, lane)),
        W = PtxMemory.LoadTable(Entry.Address0(symbols.W, lane)),
    };

    private static Words4 SecondQuarter(Words4 symbols, uint lane) => new()
    {
        X = PtxMemory.LoadTable(Entry.Address1(symbols.X, lane)),
        Y = PtxMemory.LoadTable(Entry.Address1(symbols.Y, lane)),
        Z = PtxMemory.LoadTable(Entry.Address1(symbols.Z, lane)),
        W = PtxMemory.LoadTable(Entry.Address1(symbols.W, lane)),
    };

    private static Words4 ThirdQuarter(Words4 symbols, uint lane) => new()
    {
        X = PtxMemory.LoadTable(Entry.Address2(symbols.X, lane)),
        Y = PtxMemory.LoadTable(Entry.Address2(symbols.Y, lane)),
        Z = PtxMemory.LoadTable(Entry.Address2(symbols.Z, lane)),
        W = PtxMemory.LoadTable(Entry.Address2(symbols.W, lane)),
    };

    private static Words4 FourthQuarter(Words4 symbols, uint lane) => new()
    {
        X = PtxMemory.LoadTable(Entry.Address3(symbols.X, lane)),
        Y = PtxMemory.LoadTable(Entry.Address3(symbols.Y, lane)),
        Z = PtxMemory.LoadTable(Entry.Address3(symbols.Z, lane)),
        W = PtxMemory.LoadTable(Entry.Address3(symbols.W, lane)),
    };
}
