using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>
/// <see cref="IPanelTile"/> on vectors of 8 floats, for any processor: two input rows at a time, a sum for each of them and each quarter
/// of the panel, so that sums, weights and inputs fit 16 registers.
/// </summary>
internal sealed unsafe class PanelTileVector256 : IPanelTile
{
    private const int Lanes = 8;
    private const int RowsAtATime = 2;

    public static void Multiply8(float* panel, float* x, float* sums, int columns) => MultiplyRows(panel, x, 8, sums, columns);

    public static void Multiply4(float* panel, float* x, float* sums, int columns) => MultiplyRows(panel, x, 4, sums, columns);

    private static void MultiplyRows(float* panel, float* x, int rows, float* sums, int columns)
    {
        for (int row = 0; row < rows; row += RowsAtATime)
            MultiplyPair(panel, x + row, rows, sums + (row * RowLaneBlock.PanelRows), columns);
    }

    private static void MultiplyPair(float* panel, float* x, int rows, float* sums, int columns)
    {
        float* nextSums = sums + RowLaneBlock.PanelRows;
        Vector256<float> a0 = Load(sums, 0), a1 = Load(sums, 1), a2 = Load(sums, 2), a3 = Load(sums, 3);
        Vector256<float> b0 = Load(nextSums, 0), b1 = Load(nextSums, 1), b2 = Load(nextSums, 2), b3 = Load(nextSums, 3);
        for (int column = 0; column < columns; column++, panel += RowLaneBlock.PanelRows, x += rows)
        {
            Vector256<float> w0 = Load(panel, 0), w1 = Load(panel, 1), w2 = Load(panel, 2), w3 = Load(panel, 3);
            Vector256<float> input = Vector256.Create(x[0]);
            a0 = Vector256.MultiplyAddEstimate(w0, input, a0);
            a1 = Vector256.MultiplyAddEstimate(w1, input, a1);
            a2 = Vector256.MultiplyAddEstimate(w2, input, a2);
            a3 = Vector256.MultiplyAddEstimate(w3, input, a3);
            input = Vector256.Create(x[1]);
            b0 = Vector256.MultiplyAddEstimate(w0, input, b0);
            b1 = Vector256.MultiplyAddEstimate(w1, input, b1);
            b2 = Vector256.MultiplyAddEstimate(w2, input, b2);
            b3 = Vector256.MultiplyAddEstimate(w3, input, b3);
        }

        Store(sums, a0, a1, a2, a3);
        Store(nextSums, b0, b1, b2, b3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Load(float* from, int quarter) => Vector256.Load(from + (quarter * Lanes));

    private static void Store(float* to, Vector256<float> q0, Vector256<float> q1, Vector256<float> q2, Vector256<float> q3)
    {
        q0.Store(to);
        q1.Store(to + Lanes);
        q2.Store(to + (2 * Lanes));
        q3.Store(to + (3 * Lanes));
    }
}
