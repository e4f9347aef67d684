using KBitQuant.Threading;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>
/// Inputs in the order the inner loops read them: slices of columns, a slice tile by tile, tall ones first, then as many short ones as leave
/// the fewest rows over; a tile column by column. Missing rows are zeros.
/// </summary>
/// <remarks>
/// <code>
/// | slice 0: tile 0, tile 1, ... | slice 1: tile 0, tile 1, ... | ...        tile: [columns of the slice][rows of the tile]
/// </code>
/// What a panel's slice meets lies together: it is read in one stream, and does not compete for the same places of a cache.
/// </remarks>
internal sealed unsafe class InputTiles : ParallelJob
{
    private const int ShortRows = PanelBlocking.ShortRows;

    private AlignedBuffer<float> _buffer = new(0);
    private PanelBlocking _blocking;
    private int _tallTiles;
    private float* _x;
    private int _columns;

    /// <summary>M.</summary>
    public int Rows { get; private set; }

    /// <summary>M rounded up to whole tiles.</summary>
    public int PaddedRows { get; private set; }

    /// <summary>Tiles.</summary>
    public int Count { get; private set; }

    /// <summary>Floats of the sums of a panel.</summary>
    public long SumsLength => (long)PaddedRows * RowLaneBlock.PanelRows;

    /// <summary>Copies the inputs.</summary>
    public void Pack(Workers workers, float* x, int rows, int columns, PanelBlocking blocking)
    {
        _x = x;
        _columns = columns;
        _blocking = blocking;
        Rows = rows;
        int shortTiles = blocking.ShortTiles(rows);
        PaddedRows = blocking.PaddedRows(rows, shortTiles);
        _tallTiles = (PaddedRows - (shortTiles * ShortRows)) / blocking.TallRows;
        Count = _tallTiles + shortTiles;
        if (_buffer.Length < (long)PaddedRows * columns)
        {
            _buffer.Free();
            _buffer = new AlignedBuffer<float>((long)PaddedRows * columns);
        }

        workers.Run(this, Count);
    }

    /// <summary>Whether a tile is tall.</summary>
    public bool IsTall(int tile) => tile < _tallTiles;

    /// <summary>A tile's first input row.</summary>
    public int FirstRow(int tile) =>
        (Math.Min(tile, _tallTiles) * _blocking.TallRows) + (Math.Max(tile - _tallTiles, 0) * ShortRows);

    /// <summary>A tile's columns of a slice.</summary>
    public float* Tile(int tile, int firstColumn) =>
        _buffer.Pointer + ((long)firstColumn * PaddedRows) + ((long)FirstRow(tile) * ColumnsOfSlice(firstColumn));

    /// <summary>Columns of the slice that begins with this one.</summary>
    public int ColumnsOfSlice(int firstColumn) => Math.Min(_blocking.SliceColumns, _columns - firstColumn);

    public override void RunPart(int part)
    {
        for (int column = 0; column < _columns; column += _blocking.SliceColumns)
            PackTile(Tile(part, column), FirstRow(part), IsTall(part) ? _blocking.TallRows : ShortRows, column);
    }

    private void PackTile(float* tile, int firstRow, int tileRows, int firstColumn)
    {
        int columns = ColumnsOfSlice(firstColumn);
        for (int row = 0; row < tileRows; row++)
        {
            float* to = tile + row;
            if (firstRow + row < Rows)
            {
                float* from = _x + ((long)(firstRow + row) * _columns) + firstColumn;
                for (int column = 0; column < columns; column++)
                    to[column * tileRows] = from[column];
            }
            else
            {
                for (int column = 0; column < columns; column++)
                    to[column * tileRows] = 0;
            }
        }
    }
}
