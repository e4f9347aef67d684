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
/// <para>A row's 32 codes in a tile become symbols, as many codes as one table look-up decodes: four for k = 2, two for k = 3 and 4,
/// one beyond. A symbol has 8, 6, 5 or 7 bits, stored in planes of 8, 4, 2 or 1 bits, widest first. In a plane of v bits, symbols
/// 4w + b, b = 0 to 3, are at bit v * (w mod 8/v) of byte b of word w / (8/v): one shift and one mask give four symbols, each in its
/// byte.</para>
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

    /// <summary>Codes of a row that a lane has of a tile.</summary>
    private const int LaneCodes = 32;

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

    /// <summary>32-bit words of all codes.</summary>
    public readonly long CodeWords => (long)Units * Tiles * Bits * (SliceBytesPerBit / (SliceColumns / TileColumns) / sizeof(uint));

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

    /// <summary>32-bit words of a plane for one row of a lane in a tile.</summary>
    public readonly int PlaneWords(int planeBits) => LaneCodes / SymbolCodes * planeBits / 32;

    /// <summary>Where a word of a plane is.</summary>
    /// <param name="unit">The unit.</param>
    /// <param name="tile">The tile of the unit.</param>
    /// <param name="lane">The lane.</param>
    /// <param name="half">0 for row g, 1 for row g + 8.</param>
    /// <param name="planeStart">The words of the planes before, as <see cref="PlaneWords"/> counts them.</param>
    /// <param name="planeWords">The plane's own words.</param>
    /// <param name="word">Which of them.</param>
    public readonly long WordIndex(int unit, int tile, int lane, int half, int planeStart, int planeWords, int word)
    {
        // Four rows share a plane of a slice: two of each tile.
        int inPlane = ((((tile & 1) * 2) + half) * planeWords) + word;
        long slice = ((long)unit * (Tiles / 2)) + (tile / 2);
        return (((slice * Bits) + planeStart + (inPlane / 4)) * 128) + (lane * 4) + (inPlane % 4);
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
