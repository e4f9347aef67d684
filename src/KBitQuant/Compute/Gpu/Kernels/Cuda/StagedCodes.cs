using KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Values;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda;

/// <summary>
/// From k = 3 on: a warp's codes of a slice on their way through shared memory. Lanes copy them in the order of memory, 512 bytes side by side an instruction
/// and into no registers, and then load their own words (<see cref="StagedWords{TValues}"/>).
/// </summary>
/// <typeparam name="TValues">How codes become values: beside a table the stage lies in what four-byte entries leave free, every other 128 bytes
/// (<see cref="Tables.Entry"/>).</typeparam>
/// <remarks>Eight 16-byte words that follow one another in memory, those of lanes 4g + t of one t, are a row of 128 bytes. Within row t the word of lane 4g + t is at g xor 2t:
/// eight lanes that copy have one t and all g, eight that load two g and all t, and both meet all banks.</remarks>
internal struct StagedCodes<TValues>
    where TValues : struct, ICodeValues
{
    /// <summary>The shared address to which the lane copies.</summary>
    private uint _copies;

    /// <summary>The shared address of its own first word.</summary>
    private uint _own;

    /// <summary>Bytes from a 16-byte word of a lane to its next one.</summary>
    public static int WordStride => CodeStages.WordStride(default(TValues).HasTable);

    /// <summary>A warp's stage.</summary>
    /// <param name="bits">k.</param>
    /// <param name="start">Where the table and the stages begin in shared memory.</param>
    /// <param name="warp">The warp in its group.</param>
    /// <param name="lane">The lane.</param>
    public static StagedCodes<TValues> Of(int bits, uint start, int warp, int lane)
    {
        uint stage = start + (uint)(CodeStages.Start(default(TValues).HasTable) + (warp * bits * WordStride));
        return new() { _copies = stage + Place(lane & 7, lane >> 3), _own = stage + Place(lane >> 2, lane & 3) };
    }

    /// <summary>A stage some bytes further.</summary>
    public readonly StagedCodes<TValues> After(int bytes) => new() { _copies = _copies + (uint)bytes, _own = _own + (uint)bytes };

    /// <summary>Begins to copy some of the lane's 16-byte words of a slice, once all lanes have loaded what was there and a barrier of the warp has followed.</summary>
    /// <param name="source">The slice's address, and 16 bytes for each lane before.</param>
    /// <param name="first">The first of them.</param>
    /// <param name="end">The one after the last of them.</param>
    public readonly void BeginCopy(long source, int first, int end)
    {
        // Of constants, not a loop: that would be one on the device.
        BeginCopyOfWord(source, 0, first, end);
        BeginCopyOfWord(source, 1, first, end);
        BeginCopyOfWord(source, 2, first, end);
        BeginCopyOfWord(source, 3, first, end);
        BeginCopyOfWord(source, 4, first, end);
        BeginCopyOfWord(source, 5, first, end);
        BeginCopyOfWord(source, 6, first, end);
        BeginCopyOfWord(source, 7, first, end);
    }

    /// <summary>The lane's codes: those that are used, after a barrier of the warp behind the wait for their batch.</summary>
    public readonly TCodes Load<TCodes, TFormat>()
        where TCodes : unmanaged
        where TFormat : struct, ICodeFormat<TCodes> => default(TFormat).Load<StagedWords<TValues>>(_own);

    private readonly void BeginCopyOfWord(long source, int word, int first, int end)
    {
        if (word >= first && word < end)
            PtxMemory.BeginCopyOnce(_copies + (uint)(word * WordStride), source + (word * PackedLayout.SliceBytesPerBit));
    }

    /// <summary>Where the 16-byte word of lane 4g + t is in the stage.</summary>
    private static uint Place(int g, int t) => (uint)((t * CodeStages.RowStride(default(TValues).HasTable)) + ((g ^ (2 * t)) * 16));
}
