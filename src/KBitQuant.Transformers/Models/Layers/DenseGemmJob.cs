using System.Runtime.Intrinsics.X86;
using KBitQuant.Compute.Cpu.Kernels.RowLanes;
using KBitQuant.Numerics;
using KBitQuant.Threading;

namespace KBitQuant.Transformers.Models.Layers;

/// <summary>Several input rows (small batch and prefill): a part is a panel. A slice of its columns is widened once, into the L1 cache,
/// and multiplied with every tile of input rows, 8 or 4 at a time.</summary>
internal sealed unsafe class DenseGemmJob<T> : ParallelJob
    where T : unmanaged
{
    private const int PanelRows = DensePanels<T>.PanelRows;

    /// <summary>256 columns of 32 floats are 32 KB.</summary>
    private const int SliceColumns = 256;

    [ThreadStatic]
    private static DenseGemmJob<T>? _cached;

    private readonly InputTiles _tiles = new();
    private DensePanels<T> _weight = null!;
    private float* _y;
    private float* _bias;

    public static void Run(Workers workers, DensePanels<T> weight, float* x, int m, float* y, float* bias)
    {
        DenseGemmJob<T> job = _cached ??= new();
        job._weight = weight;
        job._y = y;
        job._bias = bias;
        job._tiles.Pack(workers, x, m, weight.Columns);
        workers.Run(job, weight.PanelCount);
    }

    public override void RunPart(int part)
    {
        const int SliceLength = SliceColumns * PanelRows;
        int sumsLength = _tiles.PaddedRows * PanelRows;
        float* slice = RowLaneScratch.Get(SliceLength + sumsLength);
        float* sums = slice + SliceLength;
        new Span<float>(sums, sumsLength).Clear();
        T* panel = _weight.Panel(part);
        for (int column = 0; column < _weight.Columns; column += SliceColumns)
        {
            int columns = Math.Min(SliceColumns, _weight.Columns - column);
            var source = new ReadOnlySpan<T>(panel + ((long)column * PanelRows), columns * PanelRows);
            Elements.ToSingle(source, new Span<float>(slice, source.Length));
            if (Avx512F.IsSupported)
                MultiplyTiles<PanelTileAvx512>(slice, sums, column, columns);
            else
                MultiplyTiles<PanelTileVector256>(slice, sums, column, columns);
        }

        RowSums.Store(sums, _tiles.Rows, PanelRows, part * PanelRows, _y, _weight.Rows, _bias);
    }

    private void MultiplyTiles<TTile>(float* slice, float* sums, int firstColumn, int columns)
        where TTile : IPanelTile
    {
        for (int row = 0; row < _tiles.PaddedRows; row += InputTiles.TallRows)
        {
            float* x = _tiles.Tile(row, firstColumn);
            if (_tiles.PaddedRows - row >= InputTiles.TallRows)
                TTile.Multiply8(slice, x, sums + ((long)row * PanelRows), columns);
            else
                TTile.Multiply4(slice, x, sums + ((long)row * PanelRows), columns);
        }
    }
}
