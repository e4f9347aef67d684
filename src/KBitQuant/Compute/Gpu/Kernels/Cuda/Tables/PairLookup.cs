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

    public Words4 FirstQuarter(Symbols symbols, uint lane) => new()
    {
        X = PtxMemory.LoadTable(Entry.Address0(symbols.First.X, lane)),
        Y = PtxMemory.LoadTable(Entry.Address0(symbols.First.Y, lane)),
        Z = PtxMemory.LoadTable(Entry.Address0(symbols.First.Z, lane)),
        W = PtxMemory.LoadTable(Entry.Address0(symbols.First.W, lane)),
    };

    public Words4 SecondQuarter(Symbols symbols, uint lane) => new()
    {
        X = PtxMemory.LoadTable(Entry.Address1(symbols.First.X, lane)),
        Y = PtxMemory.LoadTable(Entry.Address1(symbols.First.Y, lane)),
        Z = PtxMemory.LoadTable(Entry.Address1(symbols.First.Z, lane)),
        W = PtxMemory.LoadTable(Entry.Address1(symbols.First.W, lane)),
    };

    public Words4 ThirdQuarter(Symbols symbols, uint lane) => new()
    {
        X = PtxMemory.LoadTable(Entry.Address2(symbols.First.X, lane)),
        Y = PtxMemory.LoadTable(Entry.Address2(symbols.First.Y, lane)),
        Z = PtxMemory.LoadTable(Entry.Address2(symbols.First.Z, lane)),
        W = PtxMemory.LoadTable(Entry.Address2(symbols.First.W, lane)),
    };

    public Words4 FourthQuarter(Symbols symbols, uint lane) => new()
    {
        X = PtxMemory.LoadTable(Entry.Address3(symbols.First.X, lane)),
        Y = PtxMemory.LoadTable(Entry.Address3(symbols.First.Y, lane)),
        Z = PtxMemory.LoadTable(Entry.Address3(symbols.First.Z, lane)),
        W = PtxMemory.LoadTable(Entry.Address3(symbols.First.W, lane)),
    };

    public Words2 Registers(long source) => default;

    public Words4 LastColumns(Symbols symbols, Words2 registers) => default;
}
