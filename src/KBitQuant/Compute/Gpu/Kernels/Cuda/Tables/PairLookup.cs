using KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Tables;

/// <summary>k = 3 and 4: a symbol is two codes, an entry their two values, 4 bytes.</summary>
internal readonly struct PairLookup : ITableLookup
{
    public bool HasPairs => false;

    public void Fill(long source, uint table, int thread, int groupSize) => Entry.FillWords(source, table, thread, groupSize);

    public uint LaneOffset(int lane) => (uint)lane * 4;

    public Symbols Exchange(Symbols symbols, int lane) => new()
    {
        First = new()
        {
            X = QuadExchange.Bytes(symbols.First.X, lane),
            Y = QuadExchange.Bytes(symbols.First.Y, lane),
            Z = QuadExchange.Bytes(symbols.First.Z, lane),
            W = QuadExchange.Bytes(symbols.First.W, lane),
        },
    };

    public Words4 FirstQuarter(Symbols symbols, uint lane) => Decode(symbols.First.X, lane);

    public Words4 SecondQuarter(Symbols symbols, uint lane) => Decode(symbols.First.Y, lane);

    public Words4 ThirdQuarter(Symbols symbols, uint lane) => Decode(symbols.First.Z, lane);

    public Words4 FourthQuarter(Symbols symbols, uint lane) => Decode(symbols.First.W, lane);

    public RowChunk FirstChunk(Symbols symbols, uint lane) => new() { First = FirstQuarter(symbols, lane), Second = SecondQuarter(symbols, lane) };

    public RowChunk SecondChunk(Symbols symbols, uint lane) => new() { First = ThirdQuarter(symbols, lane), Second = FourthQuarter(symbols, lane) };

    public Words2 Registers(long source) => default;

    public Words4 LastColumns(Symbols symbols, Words2 registers) => default;

    private static Words4 Decode(uint symbols, uint lane) => new()
    {
        X = PtxMemory.LoadTable(Entry.Address0(symbols, lane)),
        Y = PtxMemory.LoadTable(Entry.Address1(symbols, lane)),
        Z = PtxMemory.LoadTable(Entry.Address2(symbols, lane)),
        W = PtxMemory.LoadTable(Entry.Address3(symbols, lane)),
    };
}
