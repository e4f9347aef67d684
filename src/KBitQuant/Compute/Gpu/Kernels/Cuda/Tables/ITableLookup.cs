using KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Tables;

/// <summary>
/// Symbols to 16-bit values through a table at the start of the group's shared memory. The table has an entry every 256 bytes, and
/// each lane has its own copy of every entry, in banks that no other lane of the same access uses. The address of an entry is then
/// the lane's base with the symbol as its second byte: one byte permutation.
/// </summary>
internal interface ITableLookup
{
    /// <summary>Whether a look-up brings two registers, those of two columns of rows g and g + 8.</summary>
    bool HasPairs { get; }

    /// <summary>Fills the table; all threads of the group call this, and a barrier must follow.</summary>
    /// <param name="source">The global address of the 256 entries (<see cref="TableSource"/>).</param>
    /// <param name="table">The table's shared address.</param>
    /// <param name="thread">The thread in its group.</param>
    /// <param name="groupSize">The threads of the group.</param>
    void Fill(long source, uint table, int thread, int groupSize);

    /// <summary>Where a lane's copy of an entry begins.</summary>
    uint LaneOffset(int lane);

    /// <summary>For k = 2: exchanges symbols among lanes 4g to 4g + 3, so that of every 32 columns lane 4g + t has, in place of columns 8t to 8t + 7,
    /// columns 2t, 2t + 1, 2t + 8, 2t + 9, 2t + 16, ...: those that a product takes whose B has its columns in order. Others come so
    /// (<see cref="PairWords"/>).</summary>
    Symbols Exchange(Symbols symbols, int lane);

    /// <summary>A lane's values in the tile's first 32 columns.</summary>
    /// <param name="symbols">The symbols of the tile.</param>
    /// <param name="lane">The table's address, <see cref="PtxMemory.SharedStart"/> less, plus <see cref="LaneOffset"/>.</param>
    QuarterValues FirstQuarter(Symbols symbols, uint lane);

    /// <summary>The next 32 columns.</summary>
    QuarterValues SecondQuarter(Symbols symbols, uint lane);

    /// <summary>The next 32 columns.</summary>
    QuarterValues ThirdQuarter(Symbols symbols, uint lane);

    /// <summary>The last 32 columns.</summary>
    QuarterValues FourthQuarter(Symbols symbols, uint lane);

    /// <summary>The table in registers, where some values come from there.</summary>
    /// <param name="source">As for <see cref="Fill"/>.</param>
    Words2 Registers(long source);

    /// <summary>As <see cref="FourthQuarter"/>, by the fastest way where inputs can be put in another order (<see cref="OrderLast"/>).</summary>
    /// <param name="symbols">The symbols of the tile.</param>
    /// <param name="lane">As for <see cref="FirstQuarter"/>.</param>
    /// <param name="registers">The table (<see cref="Registers"/>).</param>
    QuarterValues LastColumns(Symbols symbols, uint lane, Words2 registers);

    /// <summary>Eight consecutive inputs of a tile's last 32 columns in the order of <see cref="LastColumns"/>.</summary>
    Words4 OrderLast(Words4 inputs);
}
