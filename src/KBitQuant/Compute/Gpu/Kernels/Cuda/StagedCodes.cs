using KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda;

/// <summary>
/// A warp's codes of a slice on their way through shared memory: lanes copy them in the order of memory, 512 bytes side by side an instruction and into no
/// registers, and then load their own words (<see cref="StagedWords"/>).
/// </summary>
/// <remarks>The stage lies in what entries leave free of the table, every other 128 bytes (<see cref="Tables.Entry"/>): of the lanes' 16-byte words each eight
/// that follow one another in memory, those of lanes 4g + t of one t from k = 3 on, are such a row. Within row r, the word of place p is at p xor 2r: eight lanes that
/// copy have all places of a row, eight that load two neighbouring places of all four rows, and both meet all banks.</remarks>
internal struct StagedCodes
{
    /// <summary>Bytes from a 16-byte word of a lane to its next one.</summary>
    public const int WordStride = 4 * RowStride;

    private const int RowBytes = 128;
    private const int RowStride = 2 * RowBytes;

    /// <summary>The shared address to which the lane copies.</summary>
    public uint Copies;

    /// <summary>The shared address of its own first word.</summary>
    public uint Own;

    /// <summary>Bytes of the table with the stages of all warps of a group.</summary>
    /// <param name="bits">k.</param>
    public static int Bytes(int bits) => Math.Max(DecodeGroup.TableBytes, DecodeGroup.Warps * bits * WordStride);

    /// <summary>A warp's stage.</summary>
    /// <param name="bits">k.</param>
    /// <param name="table">Where the table begins in shared memory.</param>
    /// <param name="warp">The warp in its group.</param>
    /// <param name="lane">The lane.</param>
    public static StagedCodes Of(int bits, uint table, int warp, int lane)
    {
        uint stage = table + (uint)(RowBytes + (warp * bits * WordStride));
        return new() { Copies = stage + Place(lane), Own = stage + Place(PackedLayout.LanePlace(bits, lane)) };
    }

    /// <summary>Where a lane begins to copy a slice.</summary>
    /// <param name="slice">The slice's address.</param>
    /// <param name="lane">The lane.</param>
    public static long Source(long slice, int lane) => slice + (lane * 16);

    /// <summary>Begins to copy a slice to where the last one was, once all lanes have loaded that and a barrier of the warp has followed.</summary>
    /// <param name="source">The lane's address (<see cref="Source"/>).</param>
    public readonly void BeginCopy<TCodes, TFormat>(long source)
        where TCodes : unmanaged
        where TFormat : struct, ICodeFormat<TCodes>
    {
        int bits = default(TFormat).Bits;
        BeginCopy(source, 0);
        BeginCopy(source, 1);
        // Conditions of the type: a loop would be one on the device.
        if (bits > 2)
            BeginCopy(source, 2);
        if (bits > 3)
            BeginCopy(source, 3);
        if (bits > 4)
            BeginCopy(source, 4);
        if (bits > 5)
            BeginCopy(source, 5);
        if (bits > 6)
            BeginCopy(source, 6);
        if (bits > 7)
            BeginCopy(source, 7);
        PtxMemory.EndBatch();
    }

    /// <summary>Waits for the warp's copies; the lane's codes.</summary>
    public readonly TCodes Await<TCodes, TFormat>()
        where TCodes : unmanaged
        where TFormat : struct, ICodeFormat<TCodes>
    {
        PtxMemory.AwaitBatches();
        PtxGrid.WarpBarrier();
        return default(TFormat).Load<StagedWords>(Own);
    }

    private readonly void BeginCopy(long source, int word) =>
        PtxMemory.BeginCopyOnce(Copies + (uint)(word * WordStride), source + (word * PackedLayout.SliceBytesPerBit));

    /// <summary>Where the 16-byte word of a place is in the stage.</summary>
    private static uint Place(int place)
    {
        int row = place >> 3;
        return (uint)((row * RowStride) + (((place & 7) ^ (2 * row)) * 16));
    }
}
