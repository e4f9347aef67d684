using KBitQuant.Compute.Cpu;
using KBitQuant.Compute.Cpu.Kernels.RowLanes;
using KBitQuant.Numerics;
using KBitQuant.Threading;

namespace KBitQuant.Transformers.Models.Layers;

/// <summary>
/// A dense weight in panels of 32 rows, column by column: vector lanes are rows, so that products need no horizontal sums, and a panel
/// is read in one stream.
/// </summary>
/// <remarks>
/// <code>
/// panel p = rows 32p .. 32p+31:   | column 0: 32 elements | column 1: 32 elements | ...
/// </code>
/// Rows beyond the last are zeros.
/// </remarks>
internal sealed unsafe class DensePanels<T>
    where T : unmanaged
{
    /// <summary>Rows of a panel.</summary>
    public const int PanelRows = RowLaneBlock.PanelRows;

    private readonly AlignedBuffer<T> _elements;

    public DensePanels(Workers workers, T[] weight, int rows, int columns)
    {
        (Rows, Columns) = (rows, columns);
        _elements = new AlignedBuffer<T>((long)PanelCount * PanelRows * columns);
        workers.Run(new PackJob(this, weight), PanelCount);
    }

    public int Rows { get; }

    public int Columns { get; }

    public int PanelCount => (Rows + PanelRows - 1) / PanelRows;

    public long ByteLength => _elements.ByteLength;

    /// <summary>A panel's first element.</summary>
    public T* Panel(int panel) => _elements.Pointer + ((long)panel * PanelRows * Columns);

    /// <summary>Widens one row of the weight.</summary>
    public void ReadRow(int row, Span<float> destination)
    {
        T* panel = Panel(row / PanelRows) + (row % PanelRows);
        for (int column = 0; column < Columns; column++)
            Elements.ToSingle(new ReadOnlySpan<T>(panel + ((long)column * PanelRows), 1), destination[column..]);
    }

    /// <summary>Gives the memory back.</summary>
    public void Free() => _elements.Free();

    /// <summary>Lays out a panel a part.</summary>
    private sealed class PackJob(DensePanels<T> panels, T[] weight) : ParallelJob
    {
        public override void RunPart(int part)
        {
            T* panel = panels.Panel(part);
            for (int lane = 0; lane < PanelRows; lane++)
            {
                int row = (part * PanelRows) + lane;
                ReadOnlySpan<T> source = row < panels.Rows ? weight.AsSpan(row * panels.Columns, panels.Columns) : default;
                for (int column = 0; column < panels.Columns; column++)
                    panel[((long)column * PanelRows) + lane] = column < source.Length ? source[column] : default;
            }
        }
    }
}
