namespace KBitQuant.Compute.Gpu.Kernels.Cuda;

/// <summary>
/// The order in which CUDA kernels read a weight: what a lane needs for its part of an m16n8k16 product comes in 16-byte loads, the
/// loads of a warp lie side by side, and a warp's next loads follow.
/// </summary>
/// <remarks>
/// <para>A unit is 16 rows. It is cut along K into slices of 256 columns, those into 2 tiles of 128, those into 2 chunks of 64, of
/// one block each. Rows are padded to two units, columns to slices, with zero constants. A slice takes k times 512
/// bytes: k 16-byte words of each of 32 lanes. Lane 4g + t has, of every tile, rows g and g + 8 and columns 32j + 8t to 32j + 8t + 7,
/// j = 0 to 3: 8 consecutive inputs are then 16 bytes of a row of x.</para>
/// <para>Codes become symbols, as many codes as one table look-up decodes: two of row g and two of row g + 8 for k = 2, two for k = 3 and 4, one beyond. A symbol has 8, 6, 5
/// or 7 bits, stored in planes of 8, 4, 2 or 1 bits, widest first, each some of the 16-byte words. Symbols of a 32-bit word are taken in groups of four: in a
/// plane of v bits, those of group n are at bit v * (n mod 8/v) of the four bytes of word n / (8/v): one shift and one mask give four symbols, each
/// in its byte.</para>
/// <para>For k = 2, word j of a lane's four is of columns 32j + 8t to 32j + 8t + 7 of a tile, of both rows: byte i is the symbol of columns 32j + 8t + 2i and the
/// next one. What a look-up brings are then two registers of a product's operand, in their order.</para>
/// <para>From k = 3 on, word i of a lane's four is pair i of each of its eight columns: 32j + 8t + 2i and the next one, of both rows and tiles, j from
/// byte to byte. Word t of lanes 4g to 4g + 3 is then what lane 4g + t takes of a product over columns in order: 2t, 2t + 1, 2t + 8, 2t + 9 and so on.
/// A kernel whose inputs lie in order in shared memory loads these words, one whose lanes load eight consecutive inputs the lane's own four.</para>
/// </remarks>
internal struct PackedLayout
{
    /// <summary>Rows of a unit.</summary>
    public const int UnitRows = 16;

    /// <summary>Units to whose multiple rows are padded.</summary>
    public const int UnitGroup = 2;

    /// <summary>Columns of a slice.</summary>
    public const int SliceColumns = 256;

    /// <summary>Columns of a tile.</summary>
    public const int TileColumns = 128;

    /// <summary>Columns of a chunk, which has one constant a row.</summary>
    public const int ChunkColumns = 64;

    /// <summary>Bytes that a slice takes for each bit of k.</summary>
    public const int SliceBytesPerBit = 512;

    /// <summary>Constants of a tile.</summary>
    public const int TileConstants = UnitRows * (TileColumns / ChunkColumns);

    /// <summary>Codes of a slice that a lane has in a 32-bit word of every plane.</summary>
    private const int WordCodes = UnitRows * SliceColumns / 32 / 4;

    /// <summary>k.</summary>
    public int Bits;

    /// <summary>Codes of a symbol.</summary>
    public int SymbolCodes;

    /// <summary>Tiles of a unit, padding included.</summary>
    public int Tiles;

    /// <summary>Units, padding included.</summary>
    public int Units;

    /// <summary>The layout for a weight.</summary>
    public static PackedLayout For(int bits, int rows, int columns)
    {
        const int GroupRows = UnitRows * UnitGroup;
        return new()
        {
            Bits = bits,
            SymbolCodes = bits switch { 2 => 4, 3 or 4 => 2, _ => 1 },
            Tiles = (columns + SliceColumns - 1) / SliceColumns * (SliceColumns / TileColumns),
            Units = (rows + GroupRows - 1) / GroupRows * UnitGroup,
        };
    }

    /// <summary>Slices of a unit, padding included.</summary>
    public readonly int UnitSlices => Tiles / (SliceColumns / TileColumns);

    /// <summary>Slices of all units.</summary>
    public readonly long Slices => (long)Units * UnitSlices;

    /// <summary>32-bit words of all codes.</summary>
    public readonly long CodeWords => Slices * Bits * (SliceBytesPerBit / sizeof(uint));

    /// <summary>Constants of all tiles.</summary>
    public readonly long ConstantCount => (long)Units * Tiles * TileConstants;

    /// <summary>Bits of a symbol.</summary>
    public readonly int SymbolBits => Bits * SymbolCodes;

    /// <summary>The bits of the plane that begins at a bit of a symbol.</summary>
    public readonly int PlaneBits(int shift)
    {
        int rest = SymbolBits - shift;
        return rest >= 8 ? 8 : rest >= 4 ? 4 : rest >= 2 ? 2 : 1;
    }

    /// <summary>16-byte words of a plane, of a lane in a slice.</summary>
    public readonly int PlaneWords(int planeBits) => WordCodes / (4 * SymbolCodes) * planeBits / 8;

    /// <summary>Where a 32-bit word of a plane is.</summary>
    /// <param name="slice">The slice, counted through all units.</param>
    /// <param name="lane">The lane.</param>
    /// <param name="planeWord">Which of the lane's 16-byte words.</param>
    /// <param name="word">Which of its four.</param>
    public readonly long WordIndex(long slice, int lane, int planeWord, int word) => (((slice * Bits) + planeWord) * 128) + (LanePlace(Bits, lane) * 4) + word;

    /// <summary>Whether the four words of a lane are pairs, as products of batches take them (<see cref="Formats.PairWords"/>): from k = 3 on. For k = 2, whose few
    /// bytes few rows load to registers at once, a lane's own words lie in the order of lanes.</summary>
    public static bool HasPairWords(int bits) => bits > 2;

    /// <summary>The place of a lane's 16-byte word among those of the warp. From k = 3 on, those of lanes with the same t follow one another, so that what all
    /// lanes 4g + t load of word t lies side by side.</summary>
    public static int LanePlace(int bits, int lane) => HasPairWords(bits) ? ((lane & 3) * 8) + (lane >> 2) : lane;

    /// <summary>Where a code is among those of its lane in a slice.</summary>
    /// <param name="row">The row of the code.</param>
    /// <param name="column">Its column.</param>
    public readonly CodePlace PlaceOf(int row, int column)
    {
        int half = row % UnitRows / 8;
        int tile = column / TileColumns % 2;
        int quarter = column / 32 % 4;
        int pair = column / 2 % 4;
        int code = column % 2;
        if (SymbolCodes == 4)
            return new() { Word = quarter, Group = tile, Byte = pair, Code = (half * 2) + code };
        int rowTile = (tile * 2) + half;
        if (SymbolCodes == 2)
            return new() { Word = pair, Group = rowTile, Byte = quarter, Code = code };
        return new() { Word = pair, Group = (rowTile * 2) + (quarter / 2), Byte = (quarter % 2 * 2) + code };
    }

    /// <summary>The row of a code in its unit: the inverse of <see cref="PlaceOf"/>.</summary>
    public readonly int RowOf(int lane, CodePlace place)
    {
        int half = SymbolCodes == 4 ? place.Code / 2 : SymbolCodes == 2 ? place.Group % 2 : place.Group / 2 % 2;
        return (lane / 4) + (half * 8);
    }

    /// <summary>The column of a code in its slice: the inverse of <see cref="PlaceOf"/>.</summary>
    public readonly int ColumnOf(int lane, CodePlace place)
    {
        int tile = SymbolCodes == 4 ? place.Group : SymbolCodes == 2 ? place.Group / 2 : place.Group / 4;
        int quarter = SymbolCodes == 4 ? place.Word : SymbolCodes == 2 ? place.Byte : (place.Group % 2 * 2) + (place.Byte / 2);
        int pair = SymbolCodes == 4 ? place.Byte : place.Word;
        int code = SymbolCodes == 1 ? place.Byte % 2 : place.Code % 2;
        return (tile * TileColumns) + (quarter * 32) + (lane % 4 * 8) + (pair * 2) + code;
    }

    /// <summary>Where the constant of a row and chunk is: those of rows g and g + 8 side by side.</summary>
    /// <param name="row">The row.</param>
    /// <param name="column">A column of the chunk.</param>
    public readonly long ConstantIndex(int row, int column)
    {
        int inUnit = row % UnitRows;
        long tile = ((long)(row / UnitRows) * Tiles) + (column / TileColumns);
        return (tile * TileConstants) + ((inUnit % 8) * 4) + (column / ChunkColumns % 2 * 2) + (inUnit / 8);
    }
}
