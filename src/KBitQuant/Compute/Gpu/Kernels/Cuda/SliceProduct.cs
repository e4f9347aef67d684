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
        TOffsets offsets = default;
        // Lane 4g + t takes the four constants of rows g and g + 8, as its three neighbours do.
        long first = (index * 2 * PackedLayout.TileConstants) + (lane / 4 * 4);
        long second = first + PackedLayout.TileConstants;
        return new()
        {
            Codes = format.Load(arguments.Codes + (index * (format.Bits * PackedLayout.SliceBytesPerBit)) + (lane * 16)),
            FirstConstants = constants.Load(arguments.Constants + (first * constants.Size)),
            SecondConstants = constants.Load(arguments.Constants + (second * constants.Size)),
            FirstOffsets = offsets.Load(arguments.Offsets + (first * offsets.Size)),
            SecondOffsets = offsets.Load(arguments.Offsets + (second * offsets.Size)),
        };
    }

    /// <summary>Adds a slice's products.</summary>
    /// <param name="slice">The slice.</param>
    /// <param name="x">The address of the lane's inputs: row g, column 8t.</param>
    /// <param name="isWanted">1 where there is an input row g, else 0.</param>
    /// <param name="tile">The slice's first tile in its unit. Tiles from the last one on read its inputs: their constants are zero.</param>
    /// <param name="lastTile">The last tile that is not padding.</param>
    /// <param name="table">The lane's copy of the table.</param>
    /// <param name="sum">What to add to.</param>
    public static Floats4 Add(Slice<TCodes, TRaw> slice, long x, uint isWanted, int tile, int lastTile, uint table, Floats4 sum)
    {
        TFormat format = default;
        sum = AddTile(
            format.FirstTileLow(slice.Codes), format.FirstTileHigh(slice.Codes), slice.FirstConstants, slice.FirstOffsets,
            Inputs(x, IntrinsicMath.Min(tile, lastTile)), isWanted, table, sum);
        return AddTile(
            format.SecondTileLow(slice.Codes), format.SecondTileHigh(slice.Codes), slice.SecondConstants, slice.SecondOffsets,
            Inputs(x, IntrinsicMath.Min(tile + 1, lastTile)), isWanted, table, sum);
    }

    private static long Inputs(long x, int tile) => x + ((long)tile * (PackedLayout.TileColumns * InputBytes));

    private static Floats4 AddTile(Symbols low, Symbols high, TRaw constants, TRaw offsets, long x, uint isWanted, uint table, Floats4 sum)
    {
        TLookup lookup = default;
        const int Step = LoadColumns * InputBytes;
        Words4 x0 = PtxMemory.LoadIf4(x, isWanted);
        Words4 x1 = PtxMemory.LoadIf4(x + Step, isWanted);
        Words4 x2 = PtxMemory.LoadIf4(x + (2 * Step), isWanted);
        Words4 x3 = PtxMemory.LoadIf4(x + (3 * Step), isWanted);
        sum = AddChunk(
            lookup.FirstChunk(low, table), lookup.FirstChunk(high, table), x0, x1,
            default(TConstants).FirstChunk(constants), default(TOffsets).FirstChunk(offsets), sum);
        return AddChunk(
            lookup.SecondChunk(low, table), lookup.SecondChunk(high, table), x2, x3,
            default(TConstants).SecondChunk(constants), default(TOffsets).SecondChunk(offsets), sum);
    }

    /// <summary>64 columns: sum += constant * (values * x) + offset * (ones * x), rows g and g + 8 with a constant each.</summary>
    private static Floats4 AddChunk(RowChunk low, RowChunk high, Words4 x0, Words4 x1, Floats2 constants, Floats2 offsets, Floats4 sum)
    {
        TElement element = default;
        Floats4 products = element.Multiply(Join(low.First.Low, high.First.Low), x0.Low, default);
        products = element.Multiply(Join(low.First.High, high.First.High), x0.High, products);
        products = element.Multiply(Join(low.Second.Low, high.Second.Low), x1.Low, products);
        products = element.Multiply(Join(low.Second.High, high.Second.High), x1.High, products);
        sum = AddScaled(sum, products, constants);
        if (default(TOffsets).Size == 0)
            return sum;
        uint one = element.ScaleTwice;
        Words4 ones = new() { X = one, Y = one, Z = one, W = one };
        Floats4 inputs = element.Multiply(ones, x0.Low, default);
        inputs = element.Multiply(ones, x0.High, inputs);
        inputs = element.Multiply(ones, x1.Low, inputs);
        inputs = element.Multiply(ones, x1.High, inputs);
        return AddScaled(sum, inputs, offsets);
    }

    /// <summary>The A operand: row g's values for two runs of columns, and those of row g + 8.</summary>
    private static Words4 Join(Words2 low, Words2 high) => new() { X = low.X, Y = high.X, Z = low.Y, W = high.Y };

    private static Floats4 AddScaled(Floats4 sum, Floats4 products, Floats2 scales)
    {
        sum.X += products.X * scales.X;
        sum.Y += products.Y * scales.X;
        sum.Z += products.Z * scales.Y;
        sum.W += products.W * scales.Y;
        return sum;
    }
}
