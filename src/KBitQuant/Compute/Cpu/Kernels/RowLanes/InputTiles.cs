using KBitQuant.Threading;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>
/// Inputs in the order the inner loops read them: tiles of 8 rows (a last one of 4, where at most 4 rows are left), within a tile column
/// by column. Missing rows are zeros.
/// </summary>
internal sealed unsafe class InputTiles : ParallelJob
{
    /// <summary>Rows of a tile.</summary>
    public const int TallRows = 8;

    /// <summary>Rows of a short last tile.</summary>
    public const int ShortRows = 4;

    private AlignedBuffer<float> _buffer = new(0);
    private float* _x;
    private int _columns;

    /// <summary>M.</summary>
    public int Rows { get; private set; }

    /// <summary>M rounded up to whole tiles.</summary>
    public int PaddedRows { get; private set; }

    /// <summary>Copies the inputs.</summary>
    public void Pack(Workers workers, float* x, int rows, int columns)
    {
        _x = x;
        _columns = columns;
        Rows = rows;
        PaddedRows = (rows + ShortRows - 1) / ShortRows * ShortRows;
        if (_buffer.Length < (long)PaddedRows * columns)
        {
            _buffer.Free();
            _buffer = new AlignedBuffer<float>((long)PaddedRows * columns);
        }

        workers.Run(this, (PaddedRows + TallRows - 1) / TallRows);
    }

    /// <summary>A tile from a column on.</summary>
    public float* Tile(int firstRow, int firstColumn) =>
        _buffer.Pointer + ((long)firstRow * _columns) + ((long)firstColumn * Math.Min(TallRows, PaddedRows - firstRow));

    public override void RunPart(int part)
    {
        int firstRow = part * TallRows;
        int tileRows = Math.Min(TallRows, PaddedRows - firstRow);
        float* tile = Tile(firstRow, 0);
        for (int row = 0; row < tileRows; row++)
        {
            float* to = tile + row;
            if (firstRow + row < Rows)
            {
                float* from = _x + ((long)(firstRow + row) * _columns);
                for (int column = 0; column < _columns; column++)
                    to[(long)column * tileRows] = from[column];
            }
            else
            {
                for (int column = 0; column < _columns; column++)
                    to[(long)column * tileRows] = 0;
            }
        }
    }
}
