using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>
/// <see cref="IPanelTile"/> on vectors of 8 floats, for any processor: half a panel at a time, two sums for each input row. The 12 sums of six rows,
/// two vectors of weights and an input fit 16 registers, and 12 multiply-adds need 8 loads. Two columns a turn, as the loop itself takes slots
/// too; an odd last column follows. A struct, so that what is generic over it is compiled for it and calls it directly.
/// </summary>
internal readonly unsafe struct PanelTileVector256 : IPanelTile
{
    private const int PanelRows = RowLaneBlock.PanelRows;
    private const int HalfPanel = PanelRows / 2;
    private const int Lanes = 8;

    /// <summary>128 columns of a panel are 16 KB, and leave room for inputs and sums.</summary>
    public static PanelBlocking Blocking => new(TallRows: 6, SliceColumns: 128, Panels: 4);

    public static void MultiplyTall(float* panel, float* x, float* sums, int columns)
    {
        MultiplyHalf6(panel, x, sums, columns);
        MultiplyHalf6(panel + HalfPanel, x, sums + HalfPanel, columns);
    }

    public static void MultiplyShort(float* panel, float* x, float* sums, int columns)
    {
        MultiplyHalf4(panel, x, sums, columns);
        MultiplyHalf4(panel + HalfPanel, x, sums + HalfPanel, columns);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MultiplyHalf6(float* panel, float* x, float* sums, int columns)
    {
        Vector256<float> low0 = Load(sums, 0, 0), high0 = Load(sums, 0, Lanes);
        Vector256<float> low1 = Load(sums, 1, 0), high1 = Load(sums, 1, Lanes);
        Vector256<float> low2 = Load(sums, 2, 0), high2 = Load(sums, 2, Lanes);
        Vector256<float> low3 = Load(sums, 3, 0), high3 = Load(sums, 3, Lanes);
        Vector256<float> low4 = Load(sums, 4, 0), high4 = Load(sums, 4, Lanes);
        Vector256<float> low5 = Load(sums, 5, 0), high5 = Load(sums, 5, Lanes);
        for (float* end = panel + ((long)(columns / 2) * 2 * PanelRows); panel < end; panel += 2 * PanelRows, x += 2 * 6)
        {
            Column6(panel, x, ref low0, ref high0, ref low1, ref high1, ref low2, ref high2, ref low3, ref high3, ref low4, ref high4, ref low5, ref high5);
            Column6(panel + PanelRows, x + 6, ref low0, ref high0, ref low1, ref high1, ref low2, ref high2, ref low3, ref high3, ref low4, ref high4, ref low5, ref high5);
        }

        Store(sums, 0, low0, high0);
        Store(sums, 1, low1, high1);
        Store(sums, 2, low2, high2);
        Store(sums, 3, low3, high3);
        Store(sums, 4, low4, high4);
        Store(sums, 5, low5, high5);
        if (columns % 2 != 0)
            AddColumn(panel, x, sums, 6);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MultiplyHalf4(float* panel, float* x, float* sums, int columns)
    {
        Vector256<float> low0 = Load(sums, 0, 0), high0 = Load(sums, 0, Lanes);
        Vector256<float> low1 = Load(sums, 1, 0), high1 = Load(sums, 1, Lanes);
        Vector256<float> low2 = Load(sums, 2, 0), high2 = Load(sums, 2, Lanes);
        Vector256<float> low3 = Load(sums, 3, 0), high3 = Load(sums, 3, Lanes);
        for (float* end = panel + ((long)(columns / 2) * 2 * PanelRows); panel < end; panel += 2 * PanelRows, x += 2 * 4)
        {
            Column4(panel, x, ref low0, ref high0, ref low1, ref high1, ref low2, ref high2, ref low3, ref high3);
            Column4(panel + PanelRows, x + 4, ref low0, ref high0, ref low1, ref high1, ref low2, ref high2, ref low3, ref high3);
        }

        Store(sums, 0, low0, high0);
        Store(sums, 1, low1, high1);
        Store(sums, 2, low2, high2);
        Store(sums, 3, low3, high3);
        if (columns % 2 != 0)
            AddColumn(panel, x, sums, 4);
    }

    /// <summary>An odd last column, apart: the loops stay as they are.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void AddColumn(float* panel, float* x, float* sums, int rows)
    {
        Vector256<float> low = Vector256.Load(panel), high = Vector256.Load(panel + Lanes);
        for (int row = 0; row < rows; row++)
        {
            Vector256<float> lowSum = Load(sums, row, 0), highSum = Load(sums, row, Lanes);
            Step(x[row], low, high, ref lowSum, ref highSum);
            Store(sums, row, lowSum, highSum);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Column6(
        float* panel, float* x,
        ref Vector256<float> low0, ref Vector256<float> high0, ref Vector256<float> low1, ref Vector256<float> high1, ref Vector256<float> low2, ref Vector256<float> high2, ref Vector256<float> low3, ref Vector256<float> high3, ref Vector256<float> low4, ref Vector256<float> high4, ref Vector256<float> low5, ref Vector256<float> high5)
    {
        Vector256<float> low = Vector256.Load(panel), high = Vector256.Load(panel + Lanes);
        Step(x[0], low, high, ref low0, ref high0);
        Step(x[1], low, high, ref low1, ref high1);
        Step(x[2], low, high, ref low2, ref high2);
        Step(x[3], low, high, ref low3, ref high3);
        Step(x[4], low, high, ref low4, ref high4);
        Step(x[5], low, high, ref low5, ref high5);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Column4(
        float* panel, float* x,
        ref Vector256<float> low0, ref Vector256<float> high0, ref Vector256<float> low1, ref Vector256<float> high1, ref Vector256<float> low2, ref Vector256<float> high2, ref Vector256<float> low3, ref Vector256<float> high3)
    {
        Vector256<float> low = Vector256.Load(panel), high = Vector256.Load(panel + Lanes);
        Step(x[0], low, high, ref low0, ref high0);
        Step(x[1], low, high, ref low1, ref high1);
        Step(x[2], low, high, ref low2, ref high2);
        Step(x[3], low, high, ref low3, ref high3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step(float input, Vector256<float> low, Vector256<float> high, ref Vector256<float> lowSum, ref Vector256<float> highSum)
    {
        Vector256<float> inputs = Vector256.Create(input);
        lowSum = Vector256.MultiplyAddEstimate(low, inputs, lowSum);
        highSum = Vector256.MultiplyAddEstimate(high, inputs, highSum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Load(float* sums, int row, int lane) => Vector256.Load(sums + (row * PanelRows) + lane);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* sums, int row, Vector256<float> low, Vector256<float> high)
    {
        low.Store(sums + (row * PanelRows));
        high.Store(sums + (row * PanelRows) + Lanes);
    }
}
