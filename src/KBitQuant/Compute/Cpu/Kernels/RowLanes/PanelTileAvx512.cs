using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KBitQuant.Packing;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>
/// <see cref="IPanelTile"/> with AVX-512: a sum for each input row and each half of the panel, 16 registers for 8 rows. A column takes
/// two loads of weights, a broadcast for each input row, and two multiply-adds for each: more independent sums than the latency of a
/// multiply-add times its rate, fewer loads than two a cycle.
/// </summary>
internal readonly unsafe struct PanelTileAvx512 : IPanelTile
{
    private const int Lanes = RowLaneLayout.Lanes;

    /// <summary>256 columns of a panel are 32 KB.</summary>
    public static PanelBlocking Blocking => new(TallRows: 8, SliceColumns: 256, Panels: 1);

    public static void MultiplyTall(float* panel, float* x, float* sums, int columns)
    {
        Vector512<float> low0 = Load(sums, 0), high0 = Load(sums, 0, Lanes);
        Vector512<float> low1 = Load(sums, 1), high1 = Load(sums, 1, Lanes);
        Vector512<float> low2 = Load(sums, 2), high2 = Load(sums, 2, Lanes);
        Vector512<float> low3 = Load(sums, 3), high3 = Load(sums, 3, Lanes);
        Vector512<float> low4 = Load(sums, 4), high4 = Load(sums, 4, Lanes);
        Vector512<float> low5 = Load(sums, 5), high5 = Load(sums, 5, Lanes);
        Vector512<float> low6 = Load(sums, 6), high6 = Load(sums, 6, Lanes);
        Vector512<float> low7 = Load(sums, 7), high7 = Load(sums, 7, Lanes);
        for (float* end = panel + ((long)columns * RowLaneBlock.PanelRows); panel < end; panel += RowLaneBlock.PanelRows, x += 8)
        {
            Vector512<float> low = Avx512F.LoadVector512(panel);
            Vector512<float> high = Avx512F.LoadVector512(panel + Lanes);
            Step(x[0], low, high, ref low0, ref high0);
            Step(x[1], low, high, ref low1, ref high1);
            Step(x[2], low, high, ref low2, ref high2);
            Step(x[3], low, high, ref low3, ref high3);
            Step(x[4], low, high, ref low4, ref high4);
            Step(x[5], low, high, ref low5, ref high5);
            Step(x[6], low, high, ref low6, ref high6);
            Step(x[7], low, high, ref low7, ref high7);
        }

        Store(sums, 0, low0, high0);
        Store(sums, 1, low1, high1);
        Store(sums, 2, low2, high2);
        Store(sums, 3, low3, high3);
        Store(sums, 4, low4, high4);
        Store(sums, 5, low5, high5);
        Store(sums, 6, low6, high6);
        Store(sums, 7, low7, high7);
    }

    public static void MultiplyShort(float* panel, float* x, float* sums, int columns)
    {
        Vector512<float> low0 = Load(sums, 0), high0 = Load(sums, 0, Lanes);
        Vector512<float> low1 = Load(sums, 1), high1 = Load(sums, 1, Lanes);
        Vector512<float> low2 = Load(sums, 2), high2 = Load(sums, 2, Lanes);
        Vector512<float> low3 = Load(sums, 3), high3 = Load(sums, 3, Lanes);
        for (float* end = panel + ((long)columns * RowLaneBlock.PanelRows); panel < end; panel += RowLaneBlock.PanelRows, x += 4)
        {
            Vector512<float> low = Avx512F.LoadVector512(panel);
            Vector512<float> high = Avx512F.LoadVector512(panel + Lanes);
            Step(x[0], low, high, ref low0, ref high0);
            Step(x[1], low, high, ref low1, ref high1);
            Step(x[2], low, high, ref low2, ref high2);
            Step(x[3], low, high, ref low3, ref high3);
        }

        Store(sums, 0, low0, high0);
        Store(sums, 1, low1, high1);
        Store(sums, 2, low2, high2);
        Store(sums, 3, low3, high3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step(float input, Vector512<float> low, Vector512<float> high, ref Vector512<float> lowSum, ref Vector512<float> highSum)
    {
        Vector512<float> inputs = Vector512.Create(input);
        lowSum = Avx512F.FusedMultiplyAdd(low, inputs, lowSum);
        highSum = Avx512F.FusedMultiplyAdd(high, inputs, highSum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Load(float* sums, int row, int lane = 0) => Avx512F.LoadVector512(sums + (row * RowLaneBlock.PanelRows) + lane);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* sums, int row, Vector512<float> low, Vector512<float> high)
    {
        low.Store(sums + (row * RowLaneBlock.PanelRows));
        high.Store(sums + (row * RowLaneBlock.PanelRows) + Lanes);
    }
}
