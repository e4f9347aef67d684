using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using KBitQuant.Compute.Cpu.Kernels.RowLanes;
using KBitQuant.Threading;

namespace KBitQuant.Transformers.Models.Layers;

/// <summary>One input row (decode): a part is a panel, read once and widened in registers.</summary>
internal sealed unsafe class DenseGemvJob<T, TElement> : ParallelJob
    where T : unmanaged
    where TElement : IDenseElement<T>
{
    private const int PanelRows = DensePanels<T>.PanelRows;
    private const int Lanes = 8;

    [ThreadStatic]
    private static DenseGemvJob<T, TElement>? _cached;

    private DensePanels<T> _weight = null!;
    private float* _x;
    private float* _y;
    private float* _bias;

    public static void Run(Workers workers, DensePanels<T> weight, float* x, float* y, float* bias)
    {
        DenseGemvJob<T, TElement> job = _cached ??= new();
        job._weight = weight;
        job._x = x;
        job._y = y;
        job._bias = bias;
        workers.Run(job, weight.PanelCount);
    }

    public override void RunPart(int part)
    {
        float* sums = stackalloc float[PanelRows];
        Multiply(_weight.Panel(part), _x, _weight.Columns, sums);
        RowSums.Store(sums, 1, PanelRows, part * PanelRows, _y, _weight.Rows, _bias);
    }

    /// <summary>Compiled with full optimization at once: the first tier, without registers for the sums, would dominate short runs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply(T* panel, float* x, int columns, float* sums)
    {
        Vector256<float> s0 = default, s1 = default, s2 = default, s3 = default;
        for (float* end = x + columns; x < end; x++, panel += PanelRows)
        {
            Vector256<float> input = Vector256.Create(*x);
            (Vector256<float> w0, Vector256<float> w1) = TElement.Load16(panel);
            (Vector256<float> w2, Vector256<float> w3) = TElement.Load16(panel + (2 * Lanes));
            s0 = Vector256.MultiplyAddEstimate(w0, input, s0);
            s1 = Vector256.MultiplyAddEstimate(w1, input, s1);
            s2 = Vector256.MultiplyAddEstimate(w2, input, s2);
            s3 = Vector256.MultiplyAddEstimate(w3, input, s3);
        }

        s0.Store(sums);
        s1.Store(sums + Lanes);
        s2.Store(sums + (2 * Lanes));
        s3.Store(sums + (3 * Lanes));
    }
}
