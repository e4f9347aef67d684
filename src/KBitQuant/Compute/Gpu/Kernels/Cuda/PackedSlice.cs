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
    /// <summary>Bytes of the codes of a slice.</summary>
    public static int CodeBytes => default(TFormat).Bits * PackedLayout.SliceBytesPerBit;

    /// <summary>Bytes of the constants of a slice.</summary>
    public static int ConstantBytes => 2 * PackedLayout.TileConstants * default(TConstants).Size;

    /// <summary>Begins to load a slice.</summary>
    /// <param name="codes">The lane's address, as its words need it.</param>
    /// <param name="constants">The lane's address (<see cref="Constants"/>).</param>
    public static Slice<TCodes, TRaw> Load<TWords>(long codes, long constants)
        where TWords : struct, ICodeWords => new()
        {
            Codes = default(TFormat).Load<TWords>(codes),
            FirstConstants = default(TConstants).Load(constants),
            SecondConstants = default(TConstants).Load(constants + (PackedLayout.TileConstants * default(TConstants).Size)),
        };

    /// <summary>Begins to load a slice as products of batches take it: pairs, or for k = 2 the lane's own words, whose symbols are then exchanged.</summary>
    /// <param name="codes">The lane's address (<see cref="BatchCodes"/>).</param>
    /// <param name="constants">The lane's address (<see cref="Constants"/>).</param>
    public static Slice<TCodes, TRaw> LoadForBatch(long codes, long constants) =>
        PackedLayout.HasPairWords(default(TFormat).Bits) ? Load<PairWords>(codes, constants) : Load<OwnWords>(codes, constants);

    /// <summary>The address of a lane's codes of a slice for <see cref="LoadForBatch"/>.</summary>
    public static long BatchCodes(DecodeArguments arguments, long index, int lane) => Codes(arguments, index)
        + (PackedLayout.HasPairWords(default(TFormat).Bits) ? PairWords.Offset(lane) : OwnWords.Offset(default(TFormat).Bits, lane));

    /// <summary>The address of the codes of a slice, counted through all units of the weight.</summary>
    public static long Codes(DecodeArguments arguments, long index) => arguments.Codes + (index * CodeBytes);

    /// <summary>The address of a lane's constants of a slice.</summary>
    public static long Constants(DecodeArguments arguments, long index, int lane) => arguments.Constants + (ConstantIndex(index, lane) * default(TConstants).Size);

    /// <summary>The place of a lane's constants and offsets of a slice: lane 4g + t takes the four of rows g and g + 8, as its three
    /// neighbours do.</summary>
    public static long ConstantIndex(long slice, int lane) => (slice * 2 * PackedLayout.TileConstants) + (lane / 4 * 4);
}
