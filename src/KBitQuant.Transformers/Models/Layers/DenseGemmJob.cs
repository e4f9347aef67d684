using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using KBitQuant.Compute.Cpu.Kernels.RowLanes;
using KBitQuant.Numerics;
using KBitQuant.Threading;

namespace KBitQuant.Transformers.Models.Layers;

/// <summary>Several input rows (small batch and prefill): a part is one or several panels. A slice of its columns is widened once, into the
/// caches, and multiplied with every tile of input rows.</summary>
internal sealed unsafe class DenseGemmJob<T> : ParallelJob
    where T : unmanaged
{
    private const int PanelRows = DensePanels<T>.PanelRows;

    [ThreadStatic]
    private static DenseGemmJob<T>? _cached;

    private readonly InputTiles _tiles = new();
    private DensePanels<T> _weight = null!;
    private int _panelsOfPart;
    private float* _y;
    private float* _bias;

    private static PanelBlocking Blocking => Avx512F.IsSupported ? PanelTileAvx512.Blocking : PanelTileVector256.Blocking;

    public static void Run(Workers workers, DensePanels<T> weight, float* x, int m, float* y, float* bias)
    {
        DenseGemmJob<T> job = _cached ??= new();
        job._weight = weight;
        job._panelsOfPart = Blocking.PanelsOfPart(weight.PanelCount, m, workers.ThreadCount);
        job._y = y;
        job._bias = bias;
        job._tiles.Pack(workers, x, m, weight.Columns, Blocking);
        workers.Run(job, (weight.PanelCount + job._panelsOfPart - 1) / job._panelsOfPart);
    }

    public override void RunPart(int part)
    {
        int firstPanel = part * _panelsOfPart;
        int panels = Math.Min(_panelsOfPart, _weight.PanelCount - firstPanel);
        long slicesLength = (long)panels * Blocking.SliceLength;
        long sumsLength = panels * _tiles.SumsLength;
        float* slices = RowLaneScratch.Get(slicesLength + sumsLength);
        float* sums = slices + slicesLength;
        NativeMemory.Clear(sums, (nuint)(sumsLength * sizeof(float)));
        for (int column = 0; column < _weight.Columns; column += Blocking.SliceColumns)
        {
            for (int panel = 0; panel < panels; panel++)
                Widen(firstPanel + panel, column, slices + ((long)panel * Blocking.SliceLength));
            if (Avx512F.IsSupported)
                PanelProduct<PanelTileAvx512>.Multiply(_tiles, column, slices, panels, sums);
            else
                PanelProduct<PanelTileVector256>.Multiply(_tiles, column, slices, panels, sums);
        }

        for (int panel = 0; panel < panels; panel++)
            RowSums.Store(sums + (panel * _tiles.SumsLength), _tiles.Rows, PanelRows, (firstPanel + panel) * PanelRows, _y, _weight.Rows, _bias);
    }

    private void Widen(int panel, int firstColumn, float* slice)
    {
        var source = new ReadOnlySpan<T>(_weight.Panel(panel) + ((long)firstColumn * PanelRows), _tiles.ColumnsOfSlice(firstColumn) * PanelRows);
        Elements.ToSingle(source, new Span<float>(slice, source.Length));
    }
}
