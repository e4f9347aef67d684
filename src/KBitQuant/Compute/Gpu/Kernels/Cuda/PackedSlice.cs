using KBitQuant.Compute.Gpu.Kernels.Cuda.Constants;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda;

/// <summary>How a lane finds its part of a slice.</summary>
internal static class PackedSlice<TCodes, TFormat, TRaw, TConstants>
    where TCodes : unmanaged
    where TFormat : struct, ICodeFormat<TCodes>
    where TRaw : unmanaged
    where TConstants : struct, ITileConstants<TRaw>
{
    /// <summary>Begins to load a slice, counted through all units of the weight.</summary>
    public static Slice<TCodes, TRaw> Load(DecodeArguments arguments, long index, int lane)
    {
        TFormat format = default;
        TConstants constants = default;
        long at = arguments.Constants + (ConstantIndex(index, lane) * constants.Size);
        return new()
        {
            Codes = format.Load(arguments.Codes + (index * (format.Bits * PackedLayout.SliceBytesPerBit)) + (lane * 16)),
            FirstConstants = constants.Load(at),
            SecondConstants = constants.Load(at + (PackedLayout.TileConstants * constants.Size)),
        };
    }

    /// <summary>The place of a lane's constants and offsets of a slice: lane 4g + t takes the four of rows g and g + 8, as its three
    /// neighbours do.</summary>
    public static long ConstantIndex(long slice, int lane) => (slice * 2 * PackedLayout.TileConstants) + (lane / 4 * 4);
}
