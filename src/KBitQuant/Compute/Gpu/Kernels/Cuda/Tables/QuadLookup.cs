using KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Tables;

/// <summary>k = 2: a symbol is four codes, an entry their four values, 8 bytes.</summary>
internal readonly struct QuadLookup : ITableLookup
{
    public void Fill(long source, uint table, int thread, int groupSize) => Entry.FillPairs(source, table, thread, groupSize);

    public uint LaneOffset(int lane) => (uint)lane * 8;

    public Symbols Exchange(Symbols symbols, int lane) => new()
    {
        First = new() { X = QuadExchange.Nibbles(symbols.First.X, lane), Y = QuadExchange.Nibbles(symbols.First.Y, lane) },
    };

    public RowChunk FirstChunk(Symbols symbols, uint lane) => Decode(symbols.First.X, lane);

    public RowChunk SecondChunk(Symbols symbols, uint lane) => Decode(symbols.First.Y, lane);

    private static RowChunk Decode(uint symbols, uint lane) => new()
    {
        First = Join(Entry.Address0(symbols, lane), Entry.Address1(symbols, lane)),
        Second = Join(Entry.Address2(symbols, lane), Entry.Address3(symbols, lane)),
    };

    private static Words4 Join(uint low, uint high)
    {
        Words2 first = PtxMemory.LoadTable2(low);
        Words2 second = PtxMemory.LoadTable2(high);
        return new() { X = first.X, Y = first.Y, Z = second.X, W = second.Y };
    }
}
