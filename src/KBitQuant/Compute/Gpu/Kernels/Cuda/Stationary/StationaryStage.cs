using KBitQuant.Compute.Gpu.Kernels.Cuda.Constants;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Values;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Stationary;

/// <summary>Where a warp's next slice is on its way in shared memory: its codes, its constants and its offsets. Nothing of it waits in registers, which the compiler would move, and
/// wait for, long before they are used.</summary>
internal struct StationaryStage<TCodes, TFormat, TValues, TRaw, TConstants, TOffsets>
    where TCodes : unmanaged
    where TFormat : struct, ICodeFormat<TCodes>
    where TValues : struct, ICodeValues
    where TRaw : unmanaged
    where TConstants : struct, ITileConstants<TRaw>
    where TOffsets : struct, ITileConstants<TRaw>
{
    private StagedCodes<TValues> _codes;

    /// <summary>The shared address to which the lane copies two constants; offsets follow the constants of the slice.</summary>
    private uint _copies;

    /// <summary>The shared address of the four of its own rows in the first tile.</summary>
    private uint _own;

    /// <summary>Whether slices come this way: k = 2 has the lanes' own words side by side in global memory.</summary>
    public static bool IsUsed => PackedLayout.HasPairWords(default(TFormat).Bits);

    /// <summary>Bytes of shared memory for the table, if there is one, and the stages of all warps.</summary>
    public static int Bytes => CodeBytes + (IsUsed ? DecodeGroup.Warps * ScaleBytes : 0);

    private static int CodeBytes => CodeStages.Bytes(default(TFormat).Bits, default(TValues).HasTable);

    private static int SecondConstants => StationaryAddresses<TCodes, TFormat, TRaw, TConstants, TOffsets>.SecondConstants;

    private static int SecondOffsets => StationaryAddresses<TCodes, TFormat, TRaw, TConstants, TOffsets>.SecondOffsets;

    private static int ScaleBytes => 2 * (SecondConstants + SecondOffsets);

    /// <summary>The warp's.</summary>
    /// <param name="place">The thread's place.</param>
    /// <param name="shared">Where the table and the stages begin.</param>
    public static StationaryStage<TCodes, TFormat, TValues, TRaw, TConstants, TOffsets> Own(StationaryPlace place, uint shared)
    {
        uint scales = shared + (uint)(CodeBytes + (place.Warp * ScaleBytes));
        return new()
        {
            _codes = StagedCodes<TValues>.Of(default(TFormat).Bits, shared, place.Warp, place.Lane),
            _copies = scales + (uint)(place.Lane * 2 * default(TConstants).Size),
            _own = scales + (uint)(place.Lane / 4 * 4 * default(TConstants).Size),
        };
    }

    /// <summary>Begins to copy 16-byte words of the codes of a slice, with the first ones its constants and offsets, as a batch, once all lanes have loaded what was there and a barrier of
    /// the warp has followed.</summary>
    /// <param name="at">The slice.</param>
    /// <param name="first">The first word.</param>
    /// <param name="end">The one after the last word.</param>
    /// <param name="isWanted">Whether there is such a slice; the batch is empty otherwise.</param>
    public readonly void BeginCopy(StationaryAddresses<TCodes, TFormat, TRaw, TConstants, TOffsets> at, int first, int end, bool isWanted)
    {
        if (isWanted)
        {
            if (first == 0)
            {
                default(TConstants).BeginCopyOfTwo(_copies, at.Constants);
                default(TOffsets).BeginCopyOfTwo(_copies + (uint)(2 * SecondConstants), at.Offsets);
            }

            _codes.BeginCopy(at.Codes, first, end);
        }

        PtxMemory.EndBatch();
    }

    /// <summary>The lane's codes: those that are used, after a barrier of the warp behind the wait for their batch.</summary>
    public readonly TCodes LoadCodes() => _codes.Load<TCodes, TFormat>();

    /// <summary>The lane's constants and offsets.</summary>
    public readonly StationaryScales<TRaw> LoadScales() => new()
    {
        First = default(TConstants).LoadShared(_own),
        Second = default(TConstants).LoadShared(_own + (uint)SecondConstants),
        FirstOffsets = default(TOffsets).LoadShared(_own + (uint)(2 * SecondConstants)),
        SecondOffsets = default(TOffsets).LoadShared(_own + (uint)((2 * SecondConstants) + SecondOffsets)),
    };
}
