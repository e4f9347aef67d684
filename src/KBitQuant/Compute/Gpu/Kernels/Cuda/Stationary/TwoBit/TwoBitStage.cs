using KBitQuant.Compute.Gpu.Kernels.Cuda.Constants;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Stationary.TwoBit;

/// <summary>The shared memory in which a warp's next slices are on their way, one after the other: a lane's own codes, and constants and offsets.</summary>
internal struct TwoBitStage<TRaw, TConstants, TOffsets>
    where TRaw : unmanaged
    where TConstants : struct, ITileConstants<TRaw>
    where TOffsets : struct, ITileConstants<TRaw>
{
    /// <summary>Slices for which there is room: one that is used, the others on their way.</summary>
    public const int Count = 4;

    private const int TileBytes = 32 * 16;
    private const int CodeBytes = 2 * TileBytes;

    /// <summary>The lane's address of the codes of slice 0, and likewise its two constants and offsets.</summary>
    private long _codes;
    private long _constants;
    private long _offsets;

    private uint _first;
    private uint _used;
    private uint _free;

    /// <summary>Bytes of a warp.</summary>
    public static int Bytes => Count * SliceBytes;

    private static int SecondConstants => PackedLayout.TileConstants * default(TConstants).Size;

    private static int SecondOffsets => PackedLayout.TileConstants * default(TOffsets).Size;

    private static int SliceBytes => CodeBytes + (2 * (SecondConstants + SecondOffsets));

    /// <summary>A warp's.</summary>
    /// <param name="arguments">The product.</param>
    /// <param name="lane">The lane.</param>
    /// <param name="start">Where its shared memory begins.</param>
    public static TwoBitStage<TRaw, TConstants, TOffsets> Of(DecodeArguments arguments, int lane, uint start) => new()
    {
        _codes = arguments.Codes + (lane * 16),
        _constants = arguments.Constants + (lane * 2 * default(TConstants).Size),
        _offsets = arguments.Offsets + (lane * 2 * default(TOffsets).Size),
        _first = start,
        _used = start,
        _free = start,
    };

    /// <summary>Begins to copy a slice to where there is room, as a batch.</summary>
    /// <param name="index">The slice, counted through all units.</param>
    /// <param name="lane">The lane.</param>
    /// <param name="isWanted">Whether there is such a slice; the batch is empty otherwise.</param>
    public void BeginCopy(int index, int lane, bool isWanted)
    {
        if (isWanted)
        {
            long codes = _codes + ((long)index * CodeBytes);
            PtxMemory.BeginCopyOnce(_free + (uint)(lane * 16), codes);
            PtxMemory.BeginCopyOnce(_free + (uint)(TileBytes + (lane * 16)), codes + TileBytes);
            default(TConstants).BeginCopyOfTwo(_free + (uint)(CodeBytes + (lane * 2 * default(TConstants).Size)), _constants + ((long)index * (2 * SecondConstants)));
            default(TOffsets).BeginCopyOfTwo(
                _free + (uint)(CodeBytes + (2 * SecondConstants) + (lane * 2 * default(TOffsets).Size)), _offsets + ((long)index * (2 * SecondOffsets)));
        }

        PtxMemory.EndBatch();
        _free = After(_free);
    }

    /// <summary>The lane's codes of one of the two tiles of the slice that is used.</summary>
    public readonly Words4 LoadCodes(int tile, int lane) => PtxMemory.LoadShared4(_used + (uint)((tile * TileBytes) + (lane * 16)));

    /// <summary>The lane's constants and offsets of the slice that is used.</summary>
    public readonly StationaryScales<TRaw> LoadScales(int lane)
    {
        uint constants = _used + CodeBytes + (uint)(lane / 4 * 4 * default(TConstants).Size);
        uint offsets = _used + CodeBytes + (uint)(2 * SecondConstants) + (uint)(lane / 4 * 4 * default(TOffsets).Size);
        return new()
        {
            First = default(TConstants).LoadShared(constants),
            Second = default(TConstants).LoadShared(constants + (uint)SecondConstants),
            FirstOffsets = default(TOffsets).LoadShared(offsets),
            SecondOffsets = default(TOffsets).LoadShared(offsets + (uint)SecondOffsets),
        };
    }

    /// <summary>Goes on to the next slice.</summary>
    public void Advance() => _used = After(_used);

    private readonly uint After(uint stage)
    {
        uint next = stage + (uint)SliceBytes;
        return next == _first + (uint)Bytes ? _first : next;
    }
}
