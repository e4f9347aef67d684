using KBitQuant.Compute.Gpu.Kernels.Cuda.Constants;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda.Stationary;

/// <summary>Where a lane finds its part of a slice of a unit in global memory: what it copies (<see cref="StationaryStage{TCodes, TFormat, TValues, TRaw, TConstants, TOffsets}"/>) or, for k = 2,
/// loads.</summary>
internal struct StationaryAddresses<TCodes, TFormat, TRaw, TConstants, TOffsets>
    where TCodes : unmanaged
    where TFormat : struct, ICodeFormat<TCodes>
    where TRaw : unmanaged
    where TConstants : struct, ITileConstants<TRaw>
    where TOffsets : struct, ITileConstants<TRaw>
{
    /// <summary>The codes.</summary>
    public long Codes;

    /// <summary>The constants.</summary>
    public long Constants;

    /// <summary>The offsets.</summary>
    public long Offsets;

    /// <summary>Bytes from the constants of a slice's first tile to those of its second one.</summary>
    public static int SecondConstants => PackedLayout.TileConstants * default(TConstants).Size;

    /// <summary>Likewise of the offsets.</summary>
    public static int SecondOffsets => PackedLayout.TileConstants * default(TOffsets).Size;

    /// <summary>Those of a slice.</summary>
    /// <param name="arguments">The kernel's.</param>
    /// <param name="lane">The lane.</param>
    /// <param name="index">The slice, counted through all units: one register through the loop, where addresses would take six.</param>
    public static StationaryAddresses<TCodes, TFormat, TRaw, TConstants, TOffsets> Of(DecodeArguments arguments, int lane, int index)
    {
        // Two to copy, or the four of the lane's rows and first tile.
        long constant = ((long)index * 2 * PackedLayout.TileConstants) + (PackedLayout.HasPairWords(default(TFormat).Bits) ? lane * 2 : lane / 4 * 4);
        return new()
        {
            Codes = PackedSlice<TCodes, TFormat, TRaw, TConstants>.Codes(arguments, index) + (lane * 16),
            Constants = arguments.Constants + (constant * default(TConstants).Size),
            Offsets = arguments.Offsets + (constant * default(TOffsets).Size),
        };
    }

    /// <summary>Begins to load the constants and offsets.</summary>
    public readonly StationaryScales<TRaw> LoadScales() => new()
    {
        First = default(TConstants).Load(Constants),
        Second = default(TConstants).Load(Constants + SecondConstants),
        FirstOffsets = default(TOffsets).Load(Offsets),
        SecondOffsets = default(TOffsets).Load(Offsets + SecondOffsets),
    };
}
