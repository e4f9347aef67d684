using ILGPU;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Constants;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Formats;
using KBitQuant.Compute.Gpu.Kernels.Cuda.Tables;
using KBitQuant.Compute.Gpu.Ptx;

namespace KBitQuant.Compute.Gpu.Kernels.Cuda;

/// <summary>A warp's part of the products: 16 weight rows (A) times up to 8 input rows (B), over the 256 columns of a slice.</summary>
internal static class SliceProduct<TCodes, TFormat, TLookup, TRaw, TConstants, TOffsets, TElement>
    where TCodes : unmanaged
    where TFormat : struct, ICodeFormat<TCodes>
    where TLookup : struct, ITableLookup
    where TRaw : unmanaged
    where TConstants : struct, ITileConstants<TRaw>
    where TOffsets : struct, ITileConstants<TRaw>
    where TElement : struct, ITensorElement
{
    /// <summary>Columns that 16 bytes of inputs in each of four lanes cover.</summary>
    private const int LoadColumns = 32;

    /// <summary>Bytes of an input.</summary>
    private const int InputBytes = 2;

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

    /// <summary>Multiplies a slice.</summary>
    /// <param name="slice">The slice.</param>
    /// <param name="offsets">The address of the lane's offsets of the slice.</param>
    /// <param name="x">The address of the lane's inputs: row g, column 8t.</param>
    /// <param name="isWanted">1 where there is an input row g, else 0.</param>
    /// <param name="tile">The slice's first tile in its unit. Tiles after the last one read its inputs: their constants are zero.</param>
    /// <param name="lastTile">The last tile that is not padding.</param>
    /// <param name="table">The lane's copy of the table.</param>
    public static Floats4 Multiply(Slice<TCodes, TRaw> slice, long offsets, long x, uint isWanted, int tile, int lastTile, uint table)
    {
        TFormat format = default;
        Floats4 sum = AddTile(
            format.FirstTileLow(slice.Codes), format.FirstTileHigh(slice.Codes), slice.FirstConstants, offsets,
            Inputs(x, tile), isWanted, table, default);
        return AddTile(
            format.SecondTileLow(slice.Codes), format.SecondTileHigh(slice.Codes), slice.SecondConstants,
            offsets + (PackedLayout.TileConstants * default(TOffsets).Size), Inputs(x, IntrinsicMath.Min(tile + 1, lastTile)), isWanted, table, sum);
    }

    /// <summary>The place of a lane's constants and offsets of a slice: lane 4g + t takes the four of rows g and g + 8, as its three
    /// neighbours do.</summary>
    public static long ConstantIndex(long slice, int lane) => (slice * 2 * PackedLayout.TileConstants) + (lane / 4 * 4);

    private static long Inputs(long x, int tile) => x + ((long)tile * (PackedLayout.TileColumns * InputBytes));

    private static Floats4 AddTile(Symbols low, Symbols high, TRaw constants, long offsets, long x, uint isWanted, uint table, Floats4 sum)
    {
        TLookup lookup = default;
        TRaw rawOffsets = default(TOffsets).Load(offsets);
        const int Step = LoadColumns * InputBytes;
        sum = AddChunk(
            lookup.FirstChunk(low, table), lookup.FirstChunk(high, table),
            PtxMemory.LoadIf4(x, isWanted), PtxMemory.LoadIf4(x + Step, isWanted),
            default(TConstants).FirstChunk(constants), default(TOffsets).FirstChunk(rawOffsets), sum);
        return AddChunk(
            lookup.SecondChunk(low, table), lookup.SecondChunk(high, table),
            PtxMemory.LoadIf4(x + (2 * Step), isWanted), PtxMemory.LoadIf4(x + (3 * Step), isWanted),
            default(TConstants).SecondChunk(constants), default(TOffsets).SecondChunk(rawOffsets), sum);
    }

    /// <summary>64 columns: sum += constant * (values * x) + offset * (ones * x), rows g and g + 8 with a constant each.</summary>
    private static Floats4 AddChunk(RowChunk low, RowChunk high, Words4 x0, Words4 x1, Floats2 constants, Floats2 offsets, Floats4 sum)
    {
        sum = AddScaled(sum, Fragments<TElement>.Multiply(low, high, x0, x1), constants);
        return default(TOffsets).Size == 0 ? sum : AddScaled(sum, Fragments<TElement>.Sum(x0, x1), offsets);
    }

    private static Floats4 AddScaled(Floats4 sum, Floats4 products, Floats2 scales)
    {
        sum.X += products.X * scales.X;
        sum.Y += products.Y * scales.X;
        sum.Z += products.Z * scales.Y;
        sum.W += products.W * scales.Y;
        return sum;
    }
}
