using System.Runtime.CompilerServices;
using Rows256 = KBitQuant.Compute.Cpu.Kernels.RowLanes.InputRows<KBitQuant.Compute.Cpu.Kernels.RowLanes.Two<KBitQuant.Compute.Cpu.Kernels.RowLanes.Floats8>>;
using Rows512 = KBitQuant.Compute.Cpu.Kernels.RowLanes.InputRows<KBitQuant.Compute.Cpu.Kernels.RowLanes.Two<KBitQuant.Compute.Cpu.Kernels.RowLanes.Floats16>>;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>
/// <see cref="IPanelTile"/> on vectors of 8 floats, for any processor: half a panel at a time, two sums for each input row. The 12 sums of six rows,
/// two vectors of weights and an input fit 16 registers, and 12 multiply-adds need 8 loads.
/// </summary>
internal readonly unsafe struct PanelTileVector256 : IPanelTile
{
    /// <summary>128 columns of a panel are 16 KB, and leave room for inputs and sums.</summary>
    public static PanelBlocking Blocking => new(TallRows: 6, SliceColumns: 128, Panels: 4);

    public static void MultiplyTall(float* panel, float* x, float* sums, int columns) =>
        PanelTile<Two<Floats8>>.Multiply<Rows256.Twice<Rows256.Thrice<Rows256.One>>>(panel, x, sums, columns);

    public static void MultiplyShort(float* panel, float* x, float* sums, int columns) =>
        PanelTile<Two<Floats8>>.Multiply<Rows256.Twice<Rows256.Twice<Rows256.One>>>(panel, x, sums, columns);
}

/// <summary>
/// The same with AVX-512: 16 registers for 8 rows and the whole panel. A column takes two loads of weights, a broadcast for each input row, and
/// two multiply-adds for each: more independent sums than the latency of a multiply-add times its rate, fewer loads than two a cycle.
/// </summary>
internal readonly unsafe struct PanelTileAvx512 : IPanelTile
{
    /// <summary>256 columns of a panel are 32 KB.</summary>
    public static PanelBlocking Blocking => new(TallRows: 8, SliceColumns: 256, Panels: 1);

    public static void MultiplyTall(float* panel, float* x, float* sums, int columns) =>
        PanelTile<Two<Floats16>>.Multiply<Rows512.Twice<Rows512.Twice<Rows512.Twice<Rows512.One>>>>(panel, x, sums, columns);

    public static void MultiplyShort(float* panel, float* x, float* sums, int columns) =>
        PanelTile<Two<Floats16>>.Multiply<Rows512.Twice<Rows512.Twice<Rows512.One>>>(panel, x, sums, columns);
}

/// <summary>The loop of panel tiles, for all of them. Structs, as tiles and vectors are, so that it is compiled for each and calls it directly.</summary>
internal static unsafe class PanelTile<TVector>
    where TVector : struct, IFloatVector<TVector>
{
    private const int PanelRows = RowLaneBlock.PanelRows;

    /// <summary>sums += x^T panel, as many of its lanes at a time as the vector has.</summary>
    public static void Multiply<TRows>(float* panel, float* x, float* sums, int columns)
        where TRows : struct, InputRows<TVector>.IRows
    {
        for (int lane = 0; lane < PanelRows; lane += TVector.Count)
        {
            MultiplyPairs<TRows>(panel + lane, x, sums + lane, columns / 2);
            if (columns % 2 != 0)
                AddColumn<TRows>(panel + lane + ((columns - 1L) * PanelRows), x + ((columns - 1L) * TRows.Count), sums + lane);
        }
    }

    /// <summary>Two columns a turn, as the loop itself takes slots too.</summary>
    [MethodImpl(InnerLoop.Options)]
    private static void MultiplyPairs<TRows>(float* panel, float* x, float* sums, int pairs)
        where TRows : struct, InputRows<TVector>.IRows
    {
        TRows rows = default;
        for (float* end = panel + ((long)pairs * 2 * PanelRows); panel < end; panel += 2 * PanelRows, x += 2 * TRows.Count)
        {
            rows.Add(x, 0, 1, TVector.Load(panel));
            rows.Add(x, TRows.Count, 1, TVector.Load(panel + PanelRows));
        }

        rows.AddTo(sums, PanelRows, TVector.Create(1));
    }

    /// <summary>An odd last column, apart: the loop stays as it is.</summary>
    [MethodImpl(InnerLoop.Options)]
    private static void AddColumn<TRows>(float* panel, float* x, float* sums)
        where TRows : struct, InputRows<TVector>.IRows
    {
        TRows rows = default;
        rows.Add(x, 0, 1, TVector.Load(panel));
        rows.AddTo(sums, PanelRows, TVector.Create(1));
    }
}
