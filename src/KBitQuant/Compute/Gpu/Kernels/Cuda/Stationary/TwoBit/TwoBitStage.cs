using KBitQuant.Compute.Gpu.Kernels.Cuda.Constants;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Stationary.TwoBit;

/// <summary>The shared memory in which a warp's next tiles are on their way, each of two units: a lane's own codes of both, then the constants of both, and the offsets. There is room for the two tiles of a slice, which are used, and for
/// those of the next one: three are on their way while one is multiplied.</summary>
internal struct TwoBitStage<TRaw, TConstants, TOffsets>
    where TRaw : unmanaged
    where TConstants : struct, ITileConstants<TRaw>
    where TOffsets : struct, ITileConstants<TRaw>
{
    /// <summary>Tiles that are on their way while one is multiplied.</summary>
    public const int Ahead = 3;

    private const int CodeBytes = 32 * 16;

    /// <summary>The lane's address of the codes of the slice that is copied next, and likewise its two constants and offsets: lanes from 16 on have those of the second unit.</summary>
    private long _codes;
    private long _constants;
    private long _offsets;

    /// <summary>From the codes of a unit's slice to those of the next unit.</summary>
    private int _unitBytes;

    /// <summary>How many slices it is to the one after.</summary>
    private int _step;

    /// <summary>The lane's place in the slice that is used, and the sum of both such places.</summary>
    private uint _used;
    private uint _places;

    /// <summary>Bytes of a warp.</summary>
    public static int Bytes => 2 * SliceBytes;

    private static int SliceBytes => 2 * TileBytes;

    private static int TileBytes => (2 * CodeBytes) + (2 * (ConstantBytes + OffsetBytes));

    private static int ConstantBytes => PackedLayout.TileConstants * default(TConstants).Size;

    private static int OffsetBytes => PackedLayout.TileConstants * default(TOffsets).Size;

    private static int Offsets => (2 * CodeBytes) + (2 * ConstantBytes);

    /// <summary>A warp's.</summary>
    /// <param name="arguments">The product.</param>
    /// <param name="lane">The lane.</param>
    /// <param name="start">Where its shared memory begins.</param>
    /// <param name="slice">The first unit's slice, counted through all units.</param>
    /// <param name="step">How far it is to the next one.</param>
    public static TwoBitStage<TRaw, TConstants, TOffsets> Of(DecodeArguments arguments, int lane, uint start, int slice, int step)
    {
        int own = lane < 16 ? slice : slice + arguments.Slices;
        uint place = start + (uint)(lane * 16);
        return new()
        {
            _codes = arguments.Codes + ((long)slice * (2 * CodeBytes)) + (lane * 16),
            _constants = arguments.Constants + ((long)own * (2 * ConstantBytes)) + ((lane & 15) * 2 * default(TConstants).Size),
            _offsets = arguments.Offsets + ((long)own * (2 * OffsetBytes)) + ((lane & 15) * 2 * default(TOffsets).Size),
            _unitBytes = arguments.Slices * (2 * CodeBytes),
            _step = step,
            _used = place,
            _places = (2 * place) + (uint)SliceBytes,
        };
    }

    /// <summary>Begins to copy a tile of the next slice to where the slice lies that is used, whose codes have all been loaded, or to the other place, as a batch.</summary>
    /// <param name="isUsed">Which of the two.</param>
    /// <param name="tile">0 or 1.</param>
    /// <param name="lane">The lane.</param>
    /// <param name="isWanted">Whether there is such a slice; the batch is empty otherwise.</param>
    public readonly void BeginCopy(bool isUsed, int tile, int lane, bool isWanted)
    {
        if (isWanted)
        {
            uint codes = (isUsed ? _used : _places - _used) + (uint)(tile * TileBytes);
            PtxMemory.BeginCopyOnce(codes, _codes + (tile * CodeBytes));
            PtxMemory.BeginCopyOnce(codes + CodeBytes, _codes + _unitBytes + (tile * CodeBytes));
            uint constants = codes + (uint)(lane * ((2 * default(TConstants).Size) - 16));
            default(TConstants).BeginCopyOfTwo(constants + (2 * CodeBytes), _constants + (tile * ConstantBytes));
            uint offsets = codes + (uint)(lane * ((2 * default(TOffsets).Size) - 16));
            default(TOffsets).BeginCopyOfTwo(offsets + (uint)Offsets, _offsets + (tile * OffsetBytes));
        }

        PtxMemory.EndBatch();
    }

    /// <summary>The next slice to copy is the one after it.</summary>
    public void MoveOn()
    {
        _codes += _step * (2 * CodeBytes);
        _constants += _step * (2 * ConstantBytes);
        _offsets += _step * (2 * OffsetBytes);
    }

    /// <summary>The lane's codes of a tile of the slice that is used.</summary>
    public readonly Words4 LoadCodes(int unit, int tile) => PtxMemory.LoadShared4(_used + (uint)((tile * TileBytes) + (unit * CodeBytes)));

    /// <summary>The constant that the lane's sums are multiplied with (<see cref="TwoBitOperands"/>): of row g, or of row g + 8 in lanes 4g + 2 and 4g + 3.</summary>
    /// <param name="unit">The unit of the two.</param>
    /// <param name="chunk">0 to 3.</param>
    /// <param name="lane">The lane.</param>
    public readonly float LoadConstant(int unit, int chunk, int lane) =>
        default(TConstants).LoadSharedOne(_used + Own(lane, default(TConstants).Size) + (uint)(Place(chunk, default(TConstants).Size) + (2 * CodeBytes) + (unit * ConstantBytes)));

    /// <summary>Likewise the offset.</summary>
    public readonly float LoadOffset(int unit, int chunk, int lane) =>
        default(TOffsets).LoadSharedOne(_used + Own(lane, default(TOffsets).Size) + (uint)(Place(chunk, default(TOffsets).Size) + Offsets + (unit * OffsetBytes)));

    /// <summary>Goes on to the other slice.</summary>
    public void Advance() => _used = _places - _used;

    // From the lane's codes. Four of lanes 4g to 4g + 3: those of rows g and g + 8 in the first chunk of a tile, then in the second one.
    private static uint Own(int lane, int size) => (uint)((((lane & ~3) + ((lane >> 1) & 1)) * size) - (lane * 16));

    private static int Place(int chunk, int size) => ((chunk >> 1) * TileBytes) + ((chunk & 1) * 2 * size);
}
