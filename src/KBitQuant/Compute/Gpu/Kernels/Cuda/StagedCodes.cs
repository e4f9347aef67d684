using KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda;

/// <summary>
/// From k = 3 on: a warp's codes of a slice on their way through shared memory. Lanes copy them in the order of memory, 512 bytes side by side an instruction
/// and into no registers, and then load their own words (<see cref="StagedWords"/>).
/// </summary>
/// <remarks>The stage lies in what four-byte entries leave free of the table, every other 128 bytes (<see cref="Tables.Entry"/>): eight 16-byte words that follow one
/// another in memory, those of lanes 4g + t of one t, are such a row. Within row t the word of lane 4g + t is at g xor 2t: eight lanes that copy have one t and
/// all g, eight that load two g and all t, and both meet all banks.</remarks>
internal struct StagedCodes
{
    /// <summary>Bytes from a 16-byte word of a lane to its next one.</summary>
    public const int WordStride = 4 * RowStride;

    private const int RowBytes = 128;
    private const int RowStride = 2 * RowBytes;

    /// <summary>The shared address to which the lane copies.</summary>
    private uint _copies;

    /// <summary>The shared address of its own first word.</summary>
    private uint _own;

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
        return new() { _copies = stage + Place(lane & 7, lane >> 3), _own = stage + Place(lane >> 2, lane & 3) };
    }

    /// <summary>A stage some bytes further.</summary>
    public readonly StagedCodes After(int bytes) => new() { _copies = _copies + (uint)bytes, _own = _own + (uint)bytes };

    /// <summary>Begins to copy some of the lane's 16-byte words of a slice, as a batch, once all lanes have loaded what was there and a barrier of the warp has
    /// followed.</summary>
    /// <param name="source">The slice's address, and 16 bytes for each lane before.</param>
    /// <param name="first">The first of them.</param>
    /// <param name="end">The one after the last of them.</param>
    /// <param name="isWanted">Whether there is something to copy; the batch is empty otherwise.</param>
    public readonly void BeginCopy(long source, int first, int end, bool isWanted)
    {
        if (isWanted)
        {
            // Of constants, not a loop: that would be one on the device.
            BeginCopy(source, 0, first, end);
            BeginCopy(source, 1, first, end);
            BeginCopy(source, 2, first, end);
            BeginCopy(source, 3, first, end);
            BeginCopy(source, 4, first, end);
            BeginCopy(source, 5, first, end);
            BeginCopy(source, 6, first, end);
            BeginCopy(source, 7, first, end);
        }

        PtxMemory.EndBatch();
    }

    /// <summary>The lane's codes: those that are used, after a barrier of the warp behind the wait for their batch.</summary>
    public readonly TCodes Load<TCodes, TFormat>()
        where TCodes : unmanaged
        where TFormat : struct, ICodeFormat<TCodes> => default(TFormat).Load<StagedWords>(_own);

    private readonly void BeginCopy(long source, int word, int first, int end)
    {
        if (word >= first && word < end)
            PtxMemory.BeginCopyOnce(_copies + (uint)(word * WordStride), source + (word * PackedLayout.SliceBytesPerBit));
    }

    /// <summary>Where the 16-byte word of lane 4g + t is in the stage.</summary>
    private static uint Place(int g, int t) => (uint)((t * RowStride) + ((g ^ (2 * t)) * 16));
}
